import { inspect } from 'node:util';

/** What became of an item. Times are milliseconds. */
export interface Outcome {
  readonly index: number;
  readonly input: unknown;
  readonly end: { readonly result: unknown } | { readonly error: unknown };
  /** Number of runs. */
  readonly attempts: number;
  /** From its submission to its first run. */
  readonly waitMs: number;
  /** Of its last run. */
  readonly runMs: number;
  /** When that was over, in ms since 1970. */
  readonly finishedAt: number;
}

/** A line of JSON about an item. */
export interface ResultLine {
  readonly text: string;
  readonly isOk: boolean;
}

/** The line of an outcome, without its end. A result that JSON cannot hold makes it a failure with the code `NOT_JSON`. */
export function resultLine({ index, input, end, attempts, waitMs, runMs, finishedAt }: Outcome): ResultLine {
  const times = `"attempts":${attempts},"waitMs":${rounded(waitMs)},"runMs":${rounded(runMs)},"finishedAt":${finishedAt}}`;
  const start = `{"index":${index},"input":${JSON.stringify(input)},`;
  let { error } = end as { error?: unknown };
  if ('result' in end) {
    try {
      return { text: `${start}"ok":true,"result":${jsonOf(end.result)},${times}`, isOk: true };
    } catch (problem) {
      error = problem;
    }
  }
  return { text: `${start}"ok":false,"error":${JSON.stringify(describeError(error))},${times}`, isOk: false };
}

/** A result that JSON cannot hold. */
class NotJson extends Error {
  readonly code = 'NOT_JSON';
}

function jsonOf(result: unknown): string {
  if (result === undefined) return 'null';
  let json: string | undefined;
  try {
    json = JSON.stringify(result);
  } catch (error) {
    throw new NotJson(`the result cannot be written as JSON: ${textOf(error)}`);
  }
  if (json === undefined) throw new NotJson(`the result cannot be written as JSON: it is a ${typeof result}`);
  return json;
}

/** What a line says of an error. Whatever was thrown, this does not throw. */
function describeError(error: unknown): { name: string; message: string; code?: string | number } {
  if (error instanceof NotJson) return { name: 'TypeError', message: error.message, code: error.code };
  try {
    if (typeof error !== 'object' || error === null) return { name: 'Error', message: textOf(error) };
    const { name, message, code } = error as Record<'name' | 'message' | 'code', unknown>;
    return {
      name: typeof name === 'string' && name !== '' ? name : 'Error',
      message: typeof message === 'string' ? message : textOf(error),
      ...((typeof code === 'string' || typeof code === 'number') && { code }),
    };
  } catch {
    return { name: 'Error', message: 'an error that cannot be read' };
  }
}

function textOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  try {
    return typeof value === 'string' ? value : inspect(value);
  } catch {
    return 'an error that cannot be read';
  }
}

/** To a thousandth: finer is no time that was measured. */
const rounded = (ms: number): number => Math.max(0, Math.round(ms * 1_000) / 1_000);
