import { messageOf } from '../basics/usage-error.ts';
import { BadInput } from './item.ts';
import type { Entry } from './item.ts';
import { readLines } from '../basics/read-lines.ts';
import { InputSource } from './open-input.ts';

/** A value for each line of JSON. */
export class JsonlSource extends InputSource {
  async *read(
    bad: (problem: BadInput) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    for await (const lines of readLines(this.input.text(bad, signal), this.name)) {
      const entries: Entry[] = [];
      for (const { text, line } of lines) {
        try {
          const value: unknown = JSON.parse(text);
          if (text.length > 2 * MAX_DEPTH && isDeeper(value, MAX_DEPTH)) throw new Error(TOO_DEEP);
          entries.push({ value, line });
        } catch (error) {
          bad(new BadInput(this.name, line, `this line is not valid JSON: ${messageOf(error)}`));
        }
      }
      yield entries;
    }
  }
}

/** `JSON.stringify`, which each item meets again and again, takes no more than some thousands. */
const MAX_DEPTH = 1_000;
const TOO_DEEP = `it is nested deeper than ${MAX_DEPTH} levels`;

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((part) => isDeeper(part, depth - 1));
}
