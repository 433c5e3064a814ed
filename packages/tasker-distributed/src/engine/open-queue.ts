import { Queue } from 'bullmq';
import type { AsyncDisposable } from '../basics/async-disposable.ts';
import { QUEUE_NAME, readOptions } from '../basics/option-rules.ts';
import { openStore } from '../store/open-store.ts';
import type { Outcome, Payload } from './engine.ts';
import { controlOf } from './event-stream.ts';
import { DEFAULT_NAME } from './open-engine.ts';

/** Options of {@link openQueue}. */
export interface OpenQueueOptions {
  /** Names the queue, as in `connect`. Default `tasker`. */
  name?: string | undefined;
}

/** A queue of BullMQ with the tasks of `tasker-distributed` in it; `await using` closes it. */
export interface OpenQueue extends AsyncDisposable {
  readonly queue: Queue<Payload, Outcome>;
  /** Removes the queue with all its tasks and results. No client and no worker may have it open. */
  remove(): Promise<void>;
  /** Closes the queue and its connection. */
  close(): Promise<void>;
}

/**
 * Opens the queue that clients and workers of that URL and name share, as BullMQ has it: for tools that are made for BullMQ, such as Bull Board.
 * What they read of a job is BullMQ's and may change with it; the input of a task is `data.input`, its result `returnvalue.value`, what it told
 * last `progress.value`. Rejects as `connect` does.
 */
export async function openQueue(url?: string, options?: OpenQueueOptions): Promise<OpenQueue> {
  const { name = DEFAULT_NAME } = readOptions<OpenQueueOptions>(options, { name: QUEUE_NAME });
  const store = await openStore(url);
  const open = (part: string): Queue<Payload, Outcome> => {
    const queue = new Queue<Payload, Outcome>(part, { connection: store.connection as never }, store.factory as never);
    queue.on('error', () => {}); // whoever asks it hears of it
    return queue;
  };
  const queue = open(name);
  const remove = async (): Promise<void> => {
    const control = open(controlOf(name));
    for (const part of [queue, control]) {
      await part.getVersion(); // when it has entered itself: that would come after the removal otherwise
      await part.obliterate({ force: true });
    }
    await control.close();
  };
  const close = async (): Promise<void> => {
    await queue.close();
    await store.close();
  };
  return { queue, remove, close, [Symbol.asyncDispose]: close };
}
