import { MAX_PRIORITY } from './engine.ts';

/** BullMQ's lowest is 2,097,151, and 0 is none: what has none goes before all others. */
const MAIN = MAX_PRIORITY + 1;

/** Ours: higher first, 0 is usual. BullMQ's: lower first, above 0. */
export function toBullPriority(priority: number): number {
  return MAIN - priority;
}

export function fromBullPriority(priority: number | undefined): number {
  return priority === undefined || priority === 0 ? 0 : MAIN - priority;
}
