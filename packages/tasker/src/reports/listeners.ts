import { describe, nearest } from '../primitives/check.ts';
import { invalid, requireObject } from '../primitives/option-rules.ts';
import { eventNames } from './events.ts';
import type { TaskerEvents } from './events.ts';

/** Listeners by the names of their events, as the configuration takes them. */
export type Listeners = { [E in keyof TaskerEvents]?: (payload: TaskerEvents[E]) => void };

/** One event and who listens to it. */
export type Listening = {
  [E in keyof TaskerEvents]: readonly [event: E, listener: (payload: TaskerEvents[E]) => void];
}[keyof TaskerEvents];

/** Checks the arguments of `on()`. Throws `INVALID_CONFIG`. */
export function checkListener(event: string, listener: unknown): void {
  checkEvent(event, describe(event), '');
  if (typeof listener !== 'function') throw invalid(`listener must be a function, got ${describe(listener)}`);
}

/**
 * The listeners of a configuration, each read once, also an inherited one; they are called with what they came in as `this`. Throws
 * `INVALID_CONFIG`.
 */
export function readListeners(listeners: Listeners): Listening[] {
  requireObject(listeners, 'on');
  for (const event of Object.keys(listeners)) checkEvent(event, `on.${event}`, 'on.');
  const read: Listening[] = [];
  for (const event of eventNames) {
    const listener: unknown = (listeners as Record<string, unknown>)[event];
    if (listener === undefined) continue;
    if (typeof listener !== 'function') throw invalid(`on.${event} must be a function, got ${describe(listener)}`);
    read.push([event, listener.bind(listeners)] as unknown as Listening); // both were checked
  }
  return read;
}

/** `label` and `prefix` are how the message calls the event, and others of its place. */
function checkEvent(event: string, label: string, prefix: string): void {
  const known: readonly string[] = eventNames;
  if (known.includes(event)) return;
  const hint = nearest(event, known);
  throw invalid(`${label} is not an event${hint === undefined ? '' : `, did you mean ${prefix}${hint}?`}`);
}
