import { SparseNumbers } from './sparse-numbers.ts';

/** A set of indices, a bit each. */
export class IndexSet {
  /** Whether nothing was ever added. */
  isEmpty = true;
  readonly #bits = new SparseNumbers();

  add(index: number): void {
    this.isEmpty = false;
    const place = Math.floor(index / 32);
    this.#bits.set(place, this.#bits.get(place) | (1 << (index % 32)));
  }

  /** `isEmpty` stays as it is. */
  delete(index: number): void {
    const place = Math.floor(index / 32);
    this.#bits.set(place, this.#bits.get(place) & ~(1 << (index % 32)));
  }

  has(index: number): boolean {
    return (this.#bits.get(Math.floor(index / 32)) & (1 << (index % 32))) !== 0;
  }
}
