import type { BackendFactory, IQueueBackend } from 'bullmq';
import type { StoreClock } from './store-clock.ts';

/** A place that keeps queues, opened by its URL, and how BullMQ reaches it. */
export interface Store {
  readonly factory: BackendFactory<IQueueBackend, unknown>;
  /** What the factory takes as a connection; shared by all that is opened on this store. */
  readonly connection: unknown;
  /** Tells how wrong the clock of this machine is. */
  readonly clock: StoreClock;
  /** Closes the connections that are ours. */
  close(): Promise<void>;
  /** The workers of a queue, where the store itself cannot tell. */
  readonly localWorkers?: LocalWorkers;
}

/** Names of workers by queue, where all of them are in this process. */
export class LocalWorkers {
  readonly #names = new Map<string, Set<string>>();

  add(queue: string, name: string): void {
    const names = this.#names.get(queue) ?? new Set();
    this.#names.set(queue, names.add(name));
  }

  delete(queue: string, name: string): void {
    this.#names.get(queue)?.delete(name);
  }

  list(queue: string): readonly string[] {
    return [...(this.#names.get(queue) ?? [])];
  }
}
