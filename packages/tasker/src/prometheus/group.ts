import type { TaskManager } from '../index.ts';
import type { Sample } from './scraped-metric.ts';
import { Sums } from './sums.ts';
import type { Part } from './sums.ts';
import type { Tally } from './tally.ts';

/** A manager, as it is shown. */
export interface Source {
  readonly manager: TaskManager<never>;
  readonly tally: Tally;
}

/** What a metric shows of one manager; the labels of the manager come on top. */
export type Read = (source: Source) => Iterable<Part>;

/**
 * The managers that are shown with the same labels: their samples are one. What was counted of one that has left is shown with those
 * that are there, or come later: a counter never goes back.
 */
export class Group {
  readonly #labels: Readonly<Record<string, string>>;
  /** What is counted, unlike sizes. */
  readonly #counts: readonly Read[];
  /** Who is shown, and how often it was added: it counts once. */
  readonly #shown = new Map<Tally, { readonly source: Source; times: number }>();
  /** What was counted of those that have left, and how much of it is whose: one that comes back takes it along. */
  readonly #left = new Map<Read, Sums>();
  readonly #parts = new WeakMap<Tally, ReadonlyMap<Read, Sums>>();

  constructor(labels: Readonly<Record<string, string>>, counts: readonly Read[]) {
    this.#labels = labels;
    this.#counts = counts;
    for (const read of counts) this.#left.set(read, new Sums());
  }

  get isEmpty(): boolean {
    return this.#shown.size === 0;
  }

  add(source: Source): void {
    const shown = this.#shown.get(source.tally);
    if (shown !== undefined) {
      shown.times++;
      return;
    }
    this.#shown.set(source.tally, { source, times: 1 });
    for (const [read, part] of this.#parts.get(source.tally) ?? []) this.#left.get(read)?.add(part, -1);
    this.#parts.delete(source.tally);
  }

  remove({ tally }: Source): void {
    const shown = this.#shown.get(tally);
    if (shown === undefined || --shown.times > 0) return;
    this.#shown.delete(tally);
    const parts = new Map(this.#counts.map((read) => [read, new Sums(read(shown.source))]));
    for (const [read, part] of parts) this.#left.get(read)?.add(part);
    this.#parts.set(tally, parts);
  }

  *samples(read: Read): Generator<Sample> {
    if (this.isEmpty) return;
    const sums = new Sums(this.#left.get(read));
    for (const { source } of this.#shown.values()) sums.add(read(source));
    for (const { labels, value, per = 1, ...name } of sums) {
      yield { labels: { ...this.#labels, ...labels }, value: value / per, ...name };
    }
  }
}
