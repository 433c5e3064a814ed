import { messageOf } from '../basics/usage-error.ts';
import { BadInput } from './item.ts';
import type { Entry, Source } from './item.ts';
import { readLines } from './lines.ts';
import type { Input } from './open-input.ts';

/** A value for each line of JSON. */
export class JsonlSource implements Source {
  readonly name: string;
  readonly isRepeatable: boolean;
  readonly #input: Input;

  constructor(input: Input) {
    this.#input = input;
    this.name = input.name;
    this.isRepeatable = input.isRepeatable;
  }

  async *read(
    bad: (problem: BadInput) => void,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly Entry[], void, undefined> {
    for await (const lines of readLines(this.#input.text(signal))) {
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
