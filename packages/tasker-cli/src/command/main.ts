import { CommanderError } from 'commander';
import { USAGE } from '../basics/exit-codes.ts';
import { UsageError, messageOf } from '../basics/usage-error.ts';
import { ANY_SEED } from './flag-values.ts';
import { createProgram } from './program.ts';

/** Runs the command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => (exitCode = code));
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync(withSeed(args), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE; // commander has told
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return USAGE;
  }
}

/** A `--shuffle` without a seed takes no file for one. */
function withSeed(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const next = args[i + 1];
    const isAlone = arg === '--shuffle' && next !== undefined && !next.startsWith('-') && !/^\d+$/.test(next);
    return isAlone ? [`--shuffle=${ANY_SEED}`] : [arg];
  });
}
