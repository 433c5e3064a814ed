import { cutText } from './plain-value.ts';

const MAX_MESSAGE = 1_000;
const MAX_STACK = 4_000;
/** Errors behind an error. */
const MAX_CAUSES = 2;

/** What a page shows of whatever was thrown: plain text, never large. */
export interface ShownError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ShownError;
}

/** Describes anything that may be thrown, and never throws itself. */
export function shownError(error: unknown, causes: number = MAX_CAUSES): ShownError {
  if (typeof error !== 'object' || error === null) return { name: typeof error, message: textOf(error) };
  const { name, message, code, stack, cause } = fieldsOf(error);
  const description = typeof message === 'string' ? message : textOf(error);
  return {
    name: cutText(typeof name === 'string' && name !== '' ? name : 'Error', 200),
    message: cutText(description, MAX_MESSAGE),
    ...((typeof code === 'string' || typeof code === 'number') && { code: cutText(String(code), 200) }),
    ...(typeof stack === 'string' && { stack: cutText(stack, MAX_STACK) }),
    ...(cause !== undefined && causes > 0 && { cause: shownError(cause, causes - 1) }),
  };
}

const FIELDS = ['name', 'message', 'code', 'stack', 'cause'] as const;

/** The fields that can be read: a getter of the user's, or `Error.prepareStackTrace`, may throw. */
function fieldsOf(error: object): Partial<Record<(typeof FIELDS)[number], unknown>> {
  const fields: Partial<Record<(typeof FIELDS)[number], unknown>> = {};
  for (const name of FIELDS) {
    try {
      fields[name] = (error as Record<string, unknown>)[name];
    } catch {
      // It is not shown.
    }
  }
  return fields;
}

function textOf(value: unknown): string {
  try {
    return cutText(String(value), MAX_MESSAGE);
  } catch {
    return 'a value that cannot be printed';
  }
}
