/** Where the text of a `LineWriter` goes. */
export interface Sink {
  /** Throws if that cannot be done; a stream tells it later instead. */
  write(text: string): void;
  /** Undefined if more may be written; else a wait, to ask again: one for all who ask meanwhile. */
  room(): Promise<unknown> | undefined;
  /** Resolves when what was written is where it belongs. */
  end(): Promise<void>;
}
