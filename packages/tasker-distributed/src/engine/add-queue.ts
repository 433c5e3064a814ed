import { AsyncResource } from 'node:async_hooks';
import { isDistributedError } from '../basics/distributed-error.ts';
import type { NewTask } from './engine.ts';

/** The most that are sent together. */
const MOST_AT_ONCE = 1_000;

interface Entry<T> {
  readonly task: T;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Tasks on their way to the store, one command at a time: what comes while one is under way goes together in the next. So they arrive in the
 * order in which they were added, whatever number of connections there is, and many at once cost one transaction.
 */
export class AddQueue<T extends NewTask> {
  readonly #send: (tasks: readonly T[]) => Promise<readonly string[]>;
  /** In the async context of whoever has made this, and not of one of those whose tasks go together. */
  readonly #begin: () => Promise<void> = AsyncResource.bind(() => this.#sendAll());
  #waiting: Entry<T>[] = [];
  #isSending = false;

  /** `send` resolves with an id for each task. */
  constructor(send: (tasks: readonly T[]) => Promise<readonly string[]>) {
    this.#send = send;
  }

  /** Resolves with the id of the task that stands for it. */
  add(task: T): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      if (!this.#isSending) void this.#begin();
    });
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    await Promise.resolve(); // what is added in one stretch goes together
    while (this.#waiting.length > 0) await this.#sendTogether(this.#take());
    this.#isSending = false;
  }

  /** Those at the front that can go together: one with a key goes alone, since another one may stand for it. */
  #take(): readonly Entry<T>[] {
    const keyed = this.#waiting.findIndex(({ task }) => task.dedupe !== undefined);
    const count = keyed === -1 ? this.#waiting.length : Math.max(keyed, 1);
    return this.#waiting.splice(0, Math.min(count, MOST_AT_ONCE));
  }

  async #sendTogether(entries: readonly Entry<T>[]): Promise<void> {
    try {
      const ids = await this.#send(entries.map(({ task }) => task));
      for (const [i, { task, resolve }] of entries.entries()) resolve(ids[i] ?? task.id);
    } catch (error) {
      // Where the store was waited for in vain, those behind do not wait as long once more.
      const behind = isDistributedError(error, 'STORE_UNREACHABLE') ? this.#waiting.splice(0) : [];
      for (const { reject } of [...entries, ...behind]) reject(error);
    }
  }
}
