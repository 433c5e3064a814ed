/** The call whose items a {@link Pump} sends. */
export interface PumpTarget {
  /** Whether nobody wants any more: the call was aborted or the consumer has left. */
  readonly isAborted: boolean;
  readonly abortReason: unknown;
  /** May throw, if an item cannot be sent. */
  send(item: unknown): void;
}

type Steps =
  | { readonly isAsync: true; readonly of: AsyncIterator<unknown> }
  | { readonly isAsync: false; readonly of: Iterator<unknown> };

/**
 * Drives what a function yields, on the thread's side: takes an item only while the consumer has credit for it, and ends
 * the iterator when nobody wants any more.
 */
export class Pump {
  readonly #steps: Steps;
  readonly #target: PumpTarget;
  #credit: number;
  /** Continues a pump that waits for credit. */
  #continue: (() => void) | undefined = undefined;

  constructor(iterable: AsyncIterable<unknown> | Iterable<unknown>, credit: number, target: PumpTarget) {
    this.#steps =
      Symbol.asyncIterator in iterable
        ? { isAsync: true, of: iterable[Symbol.asyncIterator]() }
        : { isAsync: false, of: iterable[Symbol.iterator]() };
    this.#credit = credit;
    this.#target = target;
  }

  /** The consumer has taken items. */
  credit(items: number): void {
    this.#credit += items;
    this.wake();
  }

  /** Has a pump that waits for credit look whether anybody still wants items. */
  wake(): void {
    this.#continue?.();
  }

  /**
   * Runs until the iterator ends and resolves with what it returned. Rejects with what it throws, with the error of an
   * item that cannot be sent, or, once nobody wants any more, with the reason of that.
   */
  async run(): Promise<unknown> {
    while (!this.#target.isAborted) {
      if (this.#credit === 0) {
        await this.#waitForCredit();
        continue;
      }
      const { done, value } = this.#steps.isAsync ? await this.#steps.of.next() : this.#steps.of.next();
      if (done === true) return value;
      if (this.#target.isAborted) break;
      this.#credit--;
      try {
        this.#target.send(this.#steps.isAsync || !(value instanceof Promise) ? value : await value);
      } catch (error) {
        await this.#steps.of.return?.();
        throw error;
      }
    }
    await this.#steps.of.return?.();
    throw this.#target.abortReason;
  }

  async #waitForCredit(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#continue = resolve;
    });
    this.#continue = undefined;
  }
}

/** Whether a value can be streamed. */
export function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

/** Whether a value is a running generator, which means nothing to somebody who wants one result. */
export function isGenerator(value: unknown): boolean {
  return isIterable(value) && typeof (value as { next?: unknown }).next === 'function';
}
