import { randomInt } from 'node:crypto';
import { CommanderError } from 'commander';
import { USAGE } from '../basics/exit-codes.ts';
import { MAX_SEED } from '../basics/shuffle.ts';
import { UsageError, isSystemError, messageOf } from '../basics/usage-error.ts';
import { createProgram } from './program.ts';

/** Runs the command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const given = withSeed(args);
  const program = createProgram(given, (code) => (exitCode = code));
  for (const command of [program, ...program.commands]) command.exitOverride();
  try {
    await program.parseAsync(given, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE; // commander has told
    if (!(error instanceof UsageError) && !isSystemError(error)) throw error;
    process.stderr.write(`error: ${messageOf(error)}\n`);
    return USAGE;
  }
}

/** A `--shuffle` without a seed is given one: it takes no file for a seed, and the order can be had again. */
function withSeed(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const isAlone = arg === '--shuffle' && !/^\d+$/.test(args[i + 1] ?? '');
    return isAlone ? `--shuffle=${randomInt(MAX_SEED)}` : arg;
  });
}
