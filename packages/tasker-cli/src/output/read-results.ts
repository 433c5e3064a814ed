import { createReadStream } from 'node:fs';
import { UsageError } from '../basics/usage-error.ts';
import { readLines } from '../basics/read-lines.ts';

/** A line of results as it is read again. Times are milliseconds. */
export interface Result {
  readonly index: number;
  readonly input: unknown;
  readonly ok: boolean;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string | number };
  readonly attempts: number;
  readonly waitMs: number;
  readonly runMs: number;
  readonly finishedAt: number;
  /** The line itself. */
  readonly text: string;
}

/** The results in the first `length` bytes of a file. Throws `UsageError` at a line that is none. */
export async function* readResults(path: string, length: number): AsyncGenerator<Result, void, undefined> {
  if (length === 0) return;
  const chunks = createReadStream(path, { end: length - 1, encoding: 'utf8' }) as AsyncIterable<string>;
  for await (const lines of readLines(chunks)) for (const { text, line } of lines) yield parse(text, `${path}:${line}`);
}

function parse(text: string, where: string): Result {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // told below
  }
  const { index, ok } = Object(parsed) as Record<string, unknown>;
  if (Number.isSafeInteger(index) && (index as number) >= 0 && typeof ok === 'boolean') {
    return { ...(parsed as Omit<Result, 'text'>), text };
  }
  throw new UsageError(`${where}: this line is no result of tasker run`);
}
