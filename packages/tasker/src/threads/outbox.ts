import type { Message } from './protocol.ts';

const NOTHING: readonly object[] = [];

/** To wait for a microtask at a fraction of what `queueMicrotask` costs in Node, which makes an AsyncResource each time. */
const SETTLED: Promise<void> = Promise.resolve();

/** Sends one message. Throws a `DataCloneError` if something in it cannot be cloned. */
export type Post = (message: Message, transfer: readonly object[]) => void;

/**
 * The messages of one side. Records without objects are collected and leave together in a microtask; see `protocol.ts`.
 * The order of sending is the order of arrival, whichever way was taken.
 */
export class Outbox {
  readonly #post: Post;
  /** Records without objects only: posting them cannot fail. */
  #collected: unknown[] = [];
  #isScheduled = false;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Whether there is something collected. */
  get isWaiting(): boolean {
    return this.#collected.length > 0;
  }

  /** The array to push a whole record to, one without objects. */
  open(): unknown[] {
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      void SETTLED.then(this.#leave);
    }
    return this.#collected;
  }

  /** Posts a record of any content at once, behind those collected. Throws a `DataCloneError`; then nothing of it was sent. */
  send(record: Message, transfer: readonly object[] = NOTHING): void {
    if (transfer.length > 0) refuseDetached(transfer);
    this.flush();
    this.#post(record, transfer);
  }

  /** Posts what was collected. */
  flush(): void {
    if (this.#collected.length === 0) return;
    const message = this.#collected;
    this.#collected = [];
    this.#post(message, NOTHING);
  }

  readonly #leave = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
}

/** Node 20 sends a buffer that was transferred before as an empty one, which would be a wrong answer instead of an error. */
function refuseDetached(transfer: readonly object[]): void {
  for (const each of transfer) {
    if (!(each instanceof ArrayBuffer) || each.byteLength > 0) continue;
    try {
      void new Uint8Array(each).length; // throws for a detached buffer; an empty one is fine
    } catch {
      throw new DOMException('an ArrayBuffer in the transfer list has been transferred before', 'DataCloneError');
    }
  }
}
