/** A line of text without its end, and its number, from 1. */
export interface Line {
  readonly text: string;
  readonly line: number;
  /** Whether its end is there, too: only the last line may lack it. */
  readonly isEnded: boolean;
}

/**
 * The lines that are not blank, those of a chunk together. Only `\n` and `\r\n` end one: `readline` also breaks at the Unicode
 * separators, which JSON allows inside a string.
 */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<Line[], void, undefined> {
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
      continue;
    }
    yield split(rest + chunk.slice(0, end), true);
    rest = chunk.slice(end + 1);
  }
  yield split(rest, false);
}
