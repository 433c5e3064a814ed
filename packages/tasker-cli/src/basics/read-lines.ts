import { formatCount } from './numbers.ts';
import { UsageError } from './usage-error.ts';

/** A line of text without its end, and its number, from 1. */
export interface Line {
  readonly text: string;
  readonly line: number;
  /** Whether its end is there, too: only the last line may lack it. */
  readonly isEnded: boolean;
}

/** Most characters of a line: what is made of it, such as the line of its result, has to be one string, too. */
export const LONGEST_LINE: number = 2 ** 27;

/**
 * The lines that are not blank, those of a chunk together. Only `\n` and `\r\n` end one: `readline` also breaks at the Unicode
 * separators, which JSON allows inside a string. `name` is where they come from. Throws `UsageError` at one that is too long.
 */
export async function* readLines(chunks: AsyncIterable<string>, name: string): AsyncGenerator<Line[], void, undefined> {
  let line = 0;
  let rest = '';
  const split = (text: string, isEnded: boolean): Line[] =>
    text
      .split('\n')
      .map((part) => ({ text: part.endsWith('\r') ? part.slice(0, -1) : part, line: ++line, isEnded }))
      .filter((part) => part.text.trim() !== '');
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf('\n');
    if (end < 0) {
      rest += chunk;
      if (rest.length <= LONGEST_LINE) continue;
      throw new UsageError(`${name}:${line + 1}: this line is longer than ${formatCount(LONGEST_LINE)} characters`);
    }
    yield split(rest + chunk.slice(0, end), true);
    rest = chunk.slice(end + 1);
  }
  yield split(rest, false);
}
