import type { LineWriter } from './line-writer.ts';
import type { ResultLine } from './result-line.ts';

/** Where the lines of the results go, as they come or in the order in which the items were started. */
export class Results {
  readonly #out: LineWriter;
  readonly #failures: LineWriter | undefined;
  readonly #isOrdered: boolean;
  /** Lines that wait for their turn, by their place; null for an item that gets none. */
  readonly #waiting = new Map<number, ResultLine | null>();
  #next = 0;

  constructor(out: LineWriter, failures: LineWriter | undefined, isOrdered: boolean) {
    this.#out = out;
    this.#failures = failures;
    this.#isOrdered = isOrdered;
  }

  /** Lines that are held back until those before them are there. */
  get held(): number {
    return this.#waiting.size;
  }

  /** Takes the line of the item that was started as number `place`, from 0; null if it gets none. */
  put(place: number, line: ResultLine | null): void {
    if (!this.#isOrdered) {
      this.#write(line);
      return;
    }
    this.#waiting.set(place, line);
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++);
      this.#write(next);
    }
  }

  /** Undefined if more may be put; else a wait, to ask again. */
  room(): Promise<unknown> | undefined {
    return this.#out.room() ?? this.#failures?.room();
  }

  /** Takes lines of failures that an earlier run has written to its results. */
  async copyFailures(lines: AsyncIterable<string>): Promise<void> {
    if (this.#failures === undefined) return;
    for await (const line of lines) {
      this.#failures.write(line);
      await this.#failures.room();
    }
  }

  /** Writes what is held back until the turn is over, for a process that has no other one. */
  flush(): void {
    this.#out.flush();
    this.#failures?.flush();
  }

  async end(): Promise<void> {
    await this.#out.end();
    await this.#failures?.end();
  }

  #write(line: ResultLine | null): void {
    if (line === null) return;
    this.#out.write(line.text);
    if (line.error !== undefined) this.#failures?.write(line.text);
  }
}
