import { randomInt } from 'node:crypto';
import { CommanderError } from 'commander';
import { USAGE } from '../basics/exit-codes.ts';
import { MAX_SEED } from '../basics/shuffle.ts';
import { UsageError, isSystemError, messageOf } from '../basics/usage-error.ts';
import { createProgram } from './program.ts';

/** Runs the command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const given = withValues(args);
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

/**
 * Flags whose value may be left out are given one, so that they take no file for it. The order of a `--shuffle` can be had again by its
 * seed; a `--dashboard` takes a port that is free.
 */
function withValues(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const value = { '--shuffle': () => randomInt(MAX_SEED), '--dashboard': () => 0 }[arg];
    return value === undefined || /^\d+$/.test(args[i + 1] ?? '') ? arg : `${arg}=${value()}`;
  });
}
