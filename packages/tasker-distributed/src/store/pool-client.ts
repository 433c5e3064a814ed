import { EventEmitter } from 'node:events';
import type { PgNotification, PgPoolClient, PgQueryResult } from 'bullmq';

type Query = PgPoolClient['query'];

/**
 * A connection as BullMQ borrows it. It has listeners of its own: BullMQ removes all of them when it has done, also those by which a
 * pool knows of a connection that breaks.
 */
export class PoolClient implements PgPoolClient {
  readonly #events = new EventEmitter();
  readonly #query: Query;
  readonly #release: (destroy?: boolean) => void;
  #isReleased = false;

  constructor(query: Query, release: (destroy?: boolean) => void) {
    this.#query = query;
    this.#release = release;
  }

  query<Row>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<Row>> {
    return this.#query<Row>(text, params);
  }

  release(destroy?: boolean): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#release(destroy);
  }

  notify(notification: PgNotification): void {
    this.#events.emit('notification', notification);
  }

  fail(error: Error): void {
    if (this.#events.listenerCount('error') > 0) this.#events.emit('error', error);
  }

  on(event: 'notification', listener: (notification: PgNotification) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'end', listener: () => void): this;
  on(event: string, listener: (argument: never) => void): this {
    this.#events.on(event, listener as (argument: unknown) => void);
    return this;
  }

  removeListener(event: 'notification', listener: (notification: PgNotification) => void): this {
    this.#events.removeListener(event, listener);
    return this;
  }

  removeAllListeners(event?: string): this {
    this.#events.removeAllListeners(event);
    return this;
  }
}
