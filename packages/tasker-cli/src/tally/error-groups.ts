import type { EndedItem } from './ended-item.ts';
import { patternOf } from './error-pattern.ts';
import { excerptOf, excerptOfJson } from './excerpt.ts';

/** Failures of one kind. */
export interface ErrorGroup {
  readonly name: string;
  readonly code: string | undefined;
  /** What their messages have in common. */
  readonly pattern: string;
  readonly count: number;
  /** The first of them. */
  readonly example: { readonly index: number; readonly message: string; readonly input: string };
}

/** All failures. */
export interface Errors {
  /** The most frequent first. */
  readonly groups: readonly ErrorGroup[];
  /** Failures in groups that are too rare to be kept. */
  readonly others: number;
}

/** Most groups while they are counted, and in the end. */
const MOST = 1_000;
const MOST_SHOWN = 100;

/** Groups failures, in bounded memory: of too many groups the rarer half becomes `others`. */
export class ErrorGroups {
  #groups = new Map<string, { count: number; readonly first: Omit<ErrorGroup, 'count'> }>();
  #others = 0;

  add({ index, input, error }: EndedItem): void {
    const name = excerptOf(error?.name ?? 'Error');
    const code = error?.code === undefined ? undefined : excerptOf(String(error.code));
    const message = error?.message ?? '';
    const pattern = patternOf(message);
    const key = JSON.stringify([name, code, pattern]);
    const group = this.#groups.get(key);
    if (group !== undefined) {
      group.count++;
      return;
    }
    if (this.#groups.size === MOST) this.#keep(MOST / 2);
    const example = { index, message: excerptOf(message), input: excerptOfJson(input) };
    this.#groups.set(key, { count: 1, first: { name, code, pattern, example } });
  }

  errors(): Errors {
    this.#keep(MOST_SHOWN);
    return {
      groups: [...this.#groups.values()].map(({ count, first }) => ({ ...first, count })),
      others: this.#others,
    };
  }

  /** Keeps the most frequent groups; of equal ones those that came first. */
  #keep(most: number): void {
    const all = [...this.#groups].toSorted(([, a], [, b]) => b.count - a.count);
    this.#groups = new Map(all.slice(0, most));
    for (const [, { count }] of all.slice(most)) this.#others += count;
  }
}

/** What stands before the pattern of a kind of errors: its name, and its code if the pattern does not begin with that. */
export function titleOf({ name, code, pattern }: ErrorGroup): string {
  return code === undefined || pattern.startsWith(code) ? name : `${name} ${code}`;
}
