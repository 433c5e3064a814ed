import { readLines } from '../basics/read-lines.ts';
import type { BadInput, Entry } from './item.ts';
import { InputSource } from './open-input.ts';

/** A string for each line that is not blank. */
export class LinesSource extends InputSource {
  async *read(
    bad: (problem: BadInput) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    for await (const lines of readLines(this.input.text(bad, signal), this.name)) {
      yield lines.map(({ text, line }) => ({ value: text, line }));
    }
  }
}
