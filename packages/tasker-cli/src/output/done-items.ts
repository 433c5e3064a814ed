import { UsageError } from '../basics/usage-error.ts';

/** An item, as far as it can be told from others. */
interface Known {
  readonly index: number;
  readonly value: unknown;
}

/** The items that have a line in a file of results. Four bytes each: a hash of what the item was. */
export class DoneItems {
  readonly #file: string;
  /** By index; 0 = not done. */
  #hashes = new Uint32Array(1_024);
  /** Number of items. */
  count = 0;

  /** `file` is the name of the file in messages. */
  constructor(file: string) {
    this.#file = file;
  }

  add({ index, value }: Known): void {
    if (index >= this.#hashes.length) {
      const larger = new Uint32Array(Math.max(index + 1, this.#hashes.length * 2));
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    if (this.#hashes[index] === 0) this.count++;
    this.#hashes[index] = hashOf(value);
  }

  /** Whether an item is done. Throws `UsageError` if its line is about another one. */
  has({ index, value }: Known): boolean {
    const hash = this.#hashes[index] ?? 0;
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
