import { inspect } from 'node:util';

/** An error as a line of results has it. */
export interface ErrorDescription {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
}

/** What a line says of an error. Whatever was thrown, this does not throw. */
export function describeError(error: unknown): ErrorDescription {
  try {
    if (typeof error !== 'object' || error === null) return { name: 'Error', message: textOf(error) };
    const { name, message, code } = error as Record<'name' | 'message' | 'code', unknown>;
    return {
      name: typeof name === 'string' && name !== '' ? name : 'Error',
      message: typeof message === 'string' ? message : textOf(error),
      ...((typeof code === 'string' || typeof code === 'number') && { code }),
    };
  } catch {
    return { name: 'Error', message: UNREADABLE };
  }
}

const UNREADABLE = 'an error that cannot be read';

/** What something that was thrown says. Does not throw. */
export function textOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  try {
    return typeof value === 'string' ? value : inspect(value);
  } catch {
    return UNREADABLE;
  }
}

/** What is logged as a message: text as it is, and of an error its stack. */
export function logText(message: unknown): string {
  return typeof message === 'string' ? message : inspect(message);
}
