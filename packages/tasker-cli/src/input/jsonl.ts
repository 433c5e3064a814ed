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
    for await (const lines of readLines(this.input.text(signal))) {
      const entries: Entry[] = [];
      for (const { text, line } of lines) {
        try {
          entries.push({ value: JSON.parse(text), line });
        } catch (error) {
          bad(new BadInput(this.name, line, `this line is no JSON: ${messageOf(error)}`));
        }
      }
      yield entries;
    }
  }
}
