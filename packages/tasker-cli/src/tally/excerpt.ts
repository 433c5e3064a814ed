import { plainText } from '../basics/plain-text.ts';

/** Most characters that are kept of a text. */
const LENGTH = 300;

/** The beginning of a text, on one line. */
export function excerptOf(text: string): string {
  const start = plainText(text.slice(0, LENGTH));
  // A copy: a slice would keep the whole text in memory.
  return Buffer.from(start).toString() + (text.length > LENGTH ? '…' : '');
}

/** The beginning of any value of JSON; empty if there is none. */
export function excerptOfJson(value: unknown): string {
  return value === undefined ? '' : excerptOf(JSON.stringify(value));
}
