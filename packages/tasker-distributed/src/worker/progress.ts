import { jsonCopy } from '../basics/json-value.ts';

/** Sends values one at a time; those that come meanwhile replace one another. */
export class Progress {
  readonly #send: (value: unknown) => Promise<void>;
  #next: { readonly value: unknown } | undefined;
  #isSending = false;

  constructor(send: (value: unknown) => Promise<void>) {
    this.#send = send;
  }

  tell(value: unknown): void {
    this.#next = { value: jsonCopy(value, 'progress') };
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      await this.#send(next.value).catch(() => {}); // it may get lost
    }
    this.#isSending = false;
  }
}
