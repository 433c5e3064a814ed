import { atMost } from '../basics/within.ts';
import { toWire } from '../basics/wire-error.ts';
import type { Engine } from '../engine/engine.ts';

/** Milliseconds before a worker is asked again. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1_000;
/** Longest wait for the store when the client closes. */
const CLOSE_TIMEOUT = 2_000;

/** Cancels tasks wherever they are: what waits is removed; the worker of what runs is asked, until it runs no more. */
export class Cancellations {
  readonly #engine: Engine;
  readonly #open = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Whether there was something to cancel. */
  cancel(id: string, reason: unknown): Promise<boolean> {
    const cancellation = this.#cancel(id, reason);
    this.#open.add(cancellation);
    const forget = (): void => void this.#open.delete(cancellation);
    cancellation.then(forget, forget);
    return cancellation;
  }

  /** Those under way end after their present step, for which a store that is away is not waited for long. */
  async close(): Promise<void> {
    this.#closed.abort();
    await atMost(CLOSE_TIMEOUT, Promise.allSettled(this.#open));
  }

  async #cancel(id: string, reason: unknown): Promise<boolean> {
    for (let pause = FIRST_PAUSE, wasRunning = false; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const state = await this.#engine.remove(id);
      if (state === 'removed') return true;
      if (state === 'gone') return wasRunning;
      wasRunning = true;
      await this.#engine.requestCancel(id, toWire(reason));
      if (this.#closed.signal.aborted) return true;
      await this.#pause(pause);
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#closed;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
    });
  }
}
