import type { EncodedResult } from '../basics/encoded-result.ts';
import { describeError } from '../basics/error-description.ts';
import type { ErrorDescription } from '../basics/error-description.ts';

/** What became of an item. Times are milliseconds. */
export interface Outcome {
  readonly index: number;
  readonly input: unknown;
  readonly end: { readonly result: EncodedResult } | { readonly error: unknown };
  /** Number of runs; this and the times of them are undefined where they are not known. */
  readonly attempts?: number | undefined;
  /** From its submission to its first run. */
  readonly waitMs?: number | undefined;
  /** Of its last run. */
  readonly runMs?: number | undefined;
  /** When that was over, in ms since 1970. */
  readonly finishedAt: number;
}

/** A line of JSON about an item, without its end. */
export interface ResultLine {
  readonly text: string;
  /** Undefined if all is well. */
  readonly error: ErrorDescription | undefined;
}

/** The line of an outcome. A result that JSON cannot hold makes it a failure with the code `NOT_JSON`. */
export function resultLine({ index, input, end, attempts, waitMs, runMs, finishedAt }: Outcome): ResultLine {
  const error = errorOf(end);
  const what =
    error === undefined && 'result' in end && 'json' in end.result
      ? `"ok":true,"result":${end.result.json}`
      : `"ok":false,"error":${JSON.stringify(error)}`;
  const runs = attempts === undefined ? '' : `"attempts":${attempts},`;
  const times = `${timeOf('waitMs', waitMs)}${timeOf('runMs', runMs)}"finishedAt":${finishedAt}`;
  const text = `{"index":${index},"input":${JSON.stringify(input) ?? 'null'},${what},${runs}${times}}`;
  return { text, error };
}

function errorOf(end: Outcome['end']): ErrorDescription | undefined {
  if ('error' in end) return describeError(end.error);
  if ('json' in end.result) return undefined;
  const message = `the result cannot be written as JSON: ${end.result.notJson}`;
  return { name: 'TypeError', message, code: 'NOT_JSON' };
}

const timeOf = (name: string, ms: number | undefined): string => (ms === undefined ? '' : `"${name}":${rounded(ms)},`);

/** To a thousandth: finer is no time that was measured. */
const rounded = (ms: number): number => Math.max(0, Math.round(ms * 1_000) / 1_000);
