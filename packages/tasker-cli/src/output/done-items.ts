import { UsageError } from '../basics/usage-error.ts';
import { SparseNumbers } from './sparse-numbers.ts';

/** An item, as far as it can be told from others. */
interface Known {
  readonly index: number;
  readonly value: unknown;
}

/** The items that have a line in a file of results. Four bytes each: a hash of what the item was. */
export class DoneItems {
  readonly #file: string;
  /** By index; 0 = not done. */
  readonly #hashes = new SparseNumbers();
  /** Number of items. */
  count = 0;

  /** `file` is the name of the file in messages. */
  constructor(file: string) {
    this.#file = file;
  }

  add({ index, value }: Known): void {
    if (this.#hashes.get(index) === 0) this.count++;
    this.#hashes.set(index, hashOf(value));
  }

  /** Whether there is a line of that index. */
  hasIndex(index: number): boolean {
    return this.#hashes.get(index) !== 0;
  }

  /** Whether an item is done. Throws `UsageError` if its line is about another one. */
  has({ index, value }: Known): boolean {
    const hash = this.#hashes.get(index);
    if (hash === 0) return false;
    if (hash === hashOf(value)) return true;
    throw new UsageError(`${this.#file} has results of another input, or of another order: item ${index} differs`);
  }
}

/** FNV-1a of the JSON of a value, never 0. */
function hashOf(value: unknown): number {
  const text = JSON.stringify(value);
  let hash = 0x81_1c_9d_c5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01_00_01_93);
  return (hash | 1) >>> 0;
}
