const LENGTH = 1_024;

/** Numbers of 32 bits by index, 0 unless they were set. Memory is that of the thousands in which one was, not of the largest index. */
export class SparseNumbers {
  readonly #pages = new Map<number, Uint32Array>();

  get(index: number): number {
    return this.#pages.get(Math.floor(index / LENGTH))?.[index % LENGTH] ?? 0;
  }

  set(index: number, number: number): void {
    const place = Math.floor(index / LENGTH);
    let page = this.#pages.get(place);
    if (page === undefined) this.#pages.set(place, (page = new Uint32Array(LENGTH)));
    page[index % LENGTH] = number;
  }
}
