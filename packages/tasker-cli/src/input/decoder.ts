/** Makes text of UTF-8, and tells, once, between which bytes there is something else; that becomes `�`. */
export class Decoder {
  #decoder = new TextDecoder('utf-8', { fatal: true });
  /** Bytes that were decoded. */
  #length = 0;
  readonly #wrong: (from: number, to: number) => void;

  constructor(wrong: (from: number, to: number) => void) {
    this.#wrong = wrong;
  }

  /** A character may begin in one portion and end in the next. */
  decode(bytes: Uint8Array): string {
    return this.#decode(bytes, true);
  }

  end(): string {
    return this.#decode(new Uint8Array(), false);
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    const from = this.#length;
    this.#length += bytes.length;
    try {
      return this.#decoder.decode(bytes, { stream });
    } catch {
      this.#wrong(from, this.#length);
      this.#decoder = new TextDecoder();
      return this.#decoder.decode(bytes, { stream });
    }
  }
}
