import type { TaskOptions } from 'tasker';
import { UsageError } from '../basics/usage-error.ts';

/** What flags say about the task of each item. */
export interface ItemFlags {
  readonly once: boolean;
  /** Fields of the item. */
  readonly priority: string | undefined;
  readonly key: string | undefined;
}

/** The options of the task of an item; undefined if it has none. Throws `UsageError` if the item has no place for them. */
export type ItemOptions = (item: unknown) => TaskOptions | undefined;

export function itemOptions({ once, priority, key }: ItemFlags): ItemOptions {
  const same: TaskOptions | undefined = once ? { retry: false } : undefined;
  if (priority === undefined && key === undefined) return () => same;
  return (item) => ({
    ...same,
    ...(priority !== undefined && { priority: priorityOf(fieldOf(item, priority), priority) }),
    ...(key !== undefined && { key: keyOf(fieldOf(item, key)) }),
  });
}

/** The same for a store, where priorities are integers. */
export function forStore(optionsOf: ItemOptions): ItemOptions {
  return (item) => {
    const options = optionsOf(item);
    const { priority = 0 } = options ?? {};
    if (Number.isInteger(priority) && Math.abs(priority) <= MAX_PRIORITY) return options;
    throw new UsageError(`in a store a priority must be an integer to ±${MAX_PRIORITY}, got ${priority}`);
  };
}

const MAX_PRIORITY = 1_048_575;

const LONGEST_NAME = 100;

/** The same, with the beginning of the item for the name of its task: that is what a page shows. */
export function named(optionsOf: ItemOptions): ItemOptions {
  return (item) => {
    const text = typeof item === 'string' ? item : JSON.stringify(item);
    return { ...optionsOf(item), name: text.slice(0, LONGEST_NAME) };
  };
}

function fieldOf(item: unknown, field: string): unknown {
  if (typeof item === 'object' && item !== null) {
    return Object.hasOwn(item, field) ? (item as Record<string, unknown>)[field] : undefined;
  }
  throw new UsageError(`an item must be an object to have a field ${field}, got ${JSON.stringify(item)}`);
}

/** An item without the field has priority 0. */
function priorityOf(value: unknown, field: string): number {
  if (value === undefined || value === null || value === '') return 0;
  const priority = typeof value === 'string' ? Number(value) : value;
  if (typeof priority === 'number' && Number.isFinite(priority)) return priority;
  throw new UsageError(`the priority ${field} must be a finite number, got ${JSON.stringify(value)}`);
}

/** An item without the field has no key. */
function keyOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
