import { channel } from 'node:diagnostics_channel';
import type { Channel } from 'node:diagnostics_channel';
import { eventNames } from '../index.ts';
import type { TaskManager, TaskerEvents } from '../index.ts';
import { onEnd } from '../primitives/on-end.ts';
import { requireManager } from '../primitives/option-rules.ts';

/**
 * Publishes each event of the manager on the channel `tasker:<event>` of `node:diagnostics_channel`: what it carries, and `manager`, the
 * name of the manager. Only events whose channel has subscribers cost anything. Returns the function that ends that; who calls it twice
 * has each event once. Throws `INVALID_CONFIG`.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel';
 * import { createTaskManager } from 'tasker';
 * import { publishEvents } from 'tasker/node';
 *
 * await using manager = await createTaskManager({ workerCount: 4, name: 'images' });
 * publishEvents(manager);
 * subscribe('tasker:failed', (message) => console.error(message)); // { manager: 'images', task, error, finishedAt }
 * ```
 */
export function publishEvents<R>(manager: TaskManager<R>): () => void {
  requireManager(manager, 'on', 'stats', 'stop');
  const publication = published.get(manager) ?? { times: 0, end: publishAll(manager) };
  published.set(manager, publication);
  publication.times++;
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    if (--publication.times > 0) return;
    published.delete(manager);
    publication.end();
  };
}

/** How often each manager is to be published: its events are, once. */
const published = new WeakMap<object, { times: number; readonly end: () => void }>();

function publishAll<R>(manager: TaskManager<R>): () => void {
  const ends = eventNames.map((event) => publish(manager, event));
  const end = (): void => {
    for (const endOne of ends) endOne();
    forget();
  };
  const forget = onEnd(manager, end); // after the listener that publishes it
  return end;
}

function publish<R>(manager: TaskManager<R>, event: keyof TaskerEvents): () => void {
  const watched = watchedChannel(event);
  const { name } = manager;
  let forget: (() => void) | undefined;
  const look = (): void => {
    const { hasSubscribers } = watched.channel;
    if (hasSubscribers && forget === undefined) {
      forget = manager.on(event, (payload) => watched.channel.publish({ manager: name, ...payload }));
    } else if (!hasSubscribers) {
      forget?.();
      forget = undefined;
    }
  };
  watched.lookers.add(look);
  look();
  return () => {
    watched.lookers.delete(look);
    forget?.();
    forget = undefined;
  };
}

/** A channel, and who wants to know whether it has subscribers. */
interface WatchedChannel {
  readonly channel: Channel;
  readonly lookers: Set<() => void>;
}

const channels = new Map<string, WatchedChannel>();

/**
 * Node tells whether a channel has subscribers, but not when that changes. To listen to the manager only while it has, and that
 * is what costs, the channel's own methods tell it.
 */
function watchedChannel(event: string): WatchedChannel {
  let watched = channels.get(event);
  if (watched === undefined) {
    watched = { channel: channel(`tasker:${event}`), lookers: new Set() };
    channels.set(event, watched);
    for (const method of ['subscribe', 'unsubscribe', 'bindStore', 'unbindStore'] as const) tellOf(method, watched);
  }
  return watched;
}

type Method = (...args: unknown[]) => unknown;

function tellOf(method: 'subscribe' | 'unsubscribe' | 'bindStore' | 'unbindStore', watched: WatchedChannel): void {
  const { channel, lookers } = watched;
  const other = Object.getOwnPropertyDescriptor(channel, method)?.value as Method | undefined; // of another copy of this package
  Object.defineProperty(channel, method, {
    configurable: true,
    value: (...args: unknown[]): unknown => {
      // A channel changes its prototype with its first subscriber, and calls the method of the new one by way of this one.
      const own = (Object.getPrototypeOf(channel) as Record<string, Method>)[method];
      const result = (other ?? own)?.apply(channel, args);
      for (const look of lookers) look();
      return result;
    },
  });
}
