import { createReadStream } from 'node:fs';
import { pathOf } from '../basics/path-of.ts';
import { UsageError } from '../basics/usage-error.ts';
import { parseJson } from '../basics/parse-json.ts';
import { readLines } from '../basics/read-lines.ts';
import type { Line } from '../basics/read-lines.ts';

/** A line of results as it is read again. What is optional may be missing in a file that another program has changed. */
export interface Result {
  readonly index: number;
  readonly input?: unknown;
  readonly ok: boolean;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string | number };
  readonly attempts?: number;
  /** Times are milliseconds. */
  readonly waitMs?: number;
  readonly runMs?: number;
  readonly finishedAt?: number;
  /** The line itself. */
  readonly text: string;
}

/** The results in the first `length` bytes of a file. Throws `UsageError` at a line that is none. */
export async function* readResults(path: string, length: number): AsyncGenerator<Result, void, undefined> {
  if (length === 0) return;
  const chunks = createReadStream(pathOf(path), { end: length - 1, encoding: 'utf8' }) as AsyncIterable<string>;
  for await (const results of parseResults(chunks, path)) yield* results;
}

/**
 * The results in text, those of a chunk together. Throws `UsageError` at a line that is none; `name` is where it comes from. What
 * is no JSON at the very end is half a line: a run that goes on, or was killed, has written it. It goes to `half`, if that is given.
 */
export async function* parseResults(
  chunks: AsyncIterable<string>,
  name: string,
  half?: (line: number) => void,
): AsyncGenerator<Result[], void, undefined> {
  for await (const lines of readLines(chunks, name)) {
    const results: Result[] = [];
    for (const line of lines) {
      const parsed = parseJson(line.text);
      if (isResult(parsed)) results.push(Object.assign(parsed, { text: line.text }));
      else if (parsed === undefined && !line.isEnded && half !== undefined) half(line.line);
      else throw refusal(line, name);
    }
    yield results;
  }
}

function refusal({ line }: Line, name: string): UsageError {
  return new UsageError(`${name}:${line}: this line is not a result of tasker run`);
}

function isResult(parsed: unknown): parsed is Omit<Result, 'text'> {
  if (typeof parsed !== 'object' || parsed === null) return false;
  const { index, ok, error, attempts, waitMs, runMs, finishedAt } = parsed as Record<keyof Result, unknown>;
  return (
    isCount(index) &&
    typeof ok === 'boolean' &&
    (error === undefined || isError(error)) &&
    (attempts === undefined || isCount(attempts)) &&
    [waitMs, runMs, finishedAt].every((time) => time === undefined || isTime(time))
  );
}

function isError(error: unknown): boolean {
  const { name, message, code } = Object(error) as Record<string, unknown>;
  return (
    typeof name === 'string' && typeof message === 'string' && ['undefined', 'string', 'number'].includes(typeof code)
  );
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** The end of the year 9999: what is computed from instants and durations up to it, such as when a run began, is a date, too. */
const MAX_TIME = Date.UTC(10_000, 0) - 1;

const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= MAX_TIME;
