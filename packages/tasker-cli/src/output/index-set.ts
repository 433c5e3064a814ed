/** A set of indices, a bit each. */
export class IndexSet {
  isEmpty = true;
  #bytes = new Uint8Array(1_024);

  add(index: number): void {
    this.isEmpty = false;
    const place = index >>> 3;
    if (place >= this.#bytes.length) {
      const larger = new Uint8Array(Math.max(place + 1, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[place] = (this.#bytes[place] ?? 0) | (1 << (index & 7));
  }

  has(index: number): boolean {
    return ((this.#bytes[index >>> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }
}
