import type { Entry, Source } from './item.ts';

/** Values on the command line: JSON, and anything else as a string. */
export class ArgumentSource implements Source {
  readonly name = 'the arguments';
  readonly isRepeatable = true;
  readonly #texts: readonly string[];

  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  async *read(): AsyncGenerator<readonly Entry[], void, undefined> {
    yield this.#texts.map((text) => ({ value: valueOf(text), line: undefined }));
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
