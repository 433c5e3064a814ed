import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { QueueEvents, QueueEventsProducer } from 'bullmq';
import type { QueueEventsListener } from 'bullmq';
import type { Store } from '../store/store.ts';

/** Milliseconds between two looks of a listener that is not woken. */
const BLOCK = 1_000;
/** How many events Redis keeps: BullMQ's own number, to which each publication trims. */
const KEPT = 10_000;
/** Milliseconds before another greeting, and how many there are at most. */
const PATIENCE = 50;
const GREETINGS = 20;

/** The queue whose events are cancellations and offers; it has no tasks. No queue of a user can have its name. */
export const controlOf = (queue: string): string => `${queue}~control`;

/** An event of ours, and one of its own that a listener sends to hear itself. */
type Fields = Record<string, string>;
interface Events extends QueueEventsListener {
  hello: (event: { id: string }) => void;
}

/** The events of a queue, of BullMQ and of ours: to be heard by all that listen, in whichever process. */
export class EventStream {
  readonly #options: readonly [queue: string, options: { connection: never; blockingTimeout: number }, factory: never];
  #events: QueueEvents | undefined;
  #producer: QueueEventsProducer | undefined;
  #isClosed = false;

  constructor(store: Store, queue: string) {
    const connection = store.connection as never;
    this.#options = [queue, { connection, blockingTimeout: BLOCK }, store.factory as never];
  }

  /** Calls back for what happens from now on: resolves when that is so, which BullMQ does not tell. */
  async listen(subscribe: (events: QueueEvents) => void): Promise<void> {
    const events = new QueueEvents(...this.#options);
    events.on('error', () => {}); // it goes on by itself
    subscribe(events);
    this.#events = events; // it may be closed before it is ready
    try {
      await events.waitUntilReady();
    } catch (error) {
      await events.close().catch(() => {});
      throw error;
    }
    await this.#greet(events);
  }

  /** Nothing is amiss if it is not heard: what events miss is found otherwise. */
  async #greet(events: QueueEvents): Promise<void> {
    const id = randomUUID();
    const heard = new Promise<true>((resolve) => {
      events.on<Events>('hello', (event: { id: string }) => {
        if (event.id === id) resolve(true);
      });
    });
    for (let i = 0; i < GREETINGS && !this.#isClosed; i++) {
      await this.publish('hello', { id }).catch(() => {});
      if (await Promise.race([heard, setTimeout(PATIENCE, false)])) return;
    }
  }

  async publish(name: string, fields: Fields): Promise<void> {
    let producer = this.#producer;
    if (producer === undefined) {
      producer = new QueueEventsProducer(...this.#options);
      producer.on('error', () => {}); // whoever publishes hears of it
      this.#producer = producer;
    }
    await producer.publishEvent({ ...fields, eventName: name }, KEPT);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#events?.close(), this.#producer?.close()]);
  }
}
