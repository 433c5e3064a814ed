/** An event of a stream. */
export interface StreamEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads the events of a stream, one after another. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(body: ReadableStream<Uint8Array> | null) {
    if (body === null) throw new Error('there is no body');
    this.#reader = body.getReader();
  }

  /** The next event; undefined at the end. */
  async next(): Promise<StreamEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/s.exec(this.#text.slice(0, end)) ?? [];
        this.#text = this.#text.slice(end + 2);
        return { event, data: JSON.parse(data) as Record<string, unknown> };
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
    }
  }

  /** The data of the next event of that name. */
  async nextOf(name: string): Promise<Record<string, unknown>> {
    for (;;) {
      const next = await this.next();
      if (next === undefined) throw new Error(`the stream ended without ${name}`);
      if (next.event === name) return next.data;
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}
