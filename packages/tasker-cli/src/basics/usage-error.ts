/** Something is wrong with what the command was given: it says what to do, and nothing is run. Exit code 2. */
export class UsageError extends Error {
  static {
    this.prototype.name = 'UsageError';
  }
}

/** What an error says, for the message of another one. */
export function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

/** The code of a system error, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the system refuses something, such as a file that may not be read: its message says what. */
export function isSystemError(error: unknown): boolean {
  return codeOf(error) !== undefined && typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
