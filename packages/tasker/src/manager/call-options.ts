import { describe, nearest } from '../primitives/check.ts';
import {
  BOOLEAN,
  COST,
  ANY,
  COUNT,
  DURATION,
  FINITE,
  HOOK,
  INSTANT,
  LIMIT,
  POSITIVE_LIMIT,
  RETRY,
  SIGNAL,
  STRING,
  invalid,
  isNumber,
  isObject,
  readArgument,
  readOptions,
  requireObject,
  requireOptions,
} from '../primitives/option-rules.ts';
import type { Rule } from '../primitives/option-rules.ts';
import { STARTS } from '../primitives/gcra.ts';
import type { Cost } from '../primitives/gcra.ts';
import type { Task, TaskFunction, TaskOptions, TaskRecord } from '../tasks/task.ts';
import type { LeaseOptions } from '../handles/lease.ts';
import type { MapOptions } from '../handles/map.ts';

const TASK_RETRY_RULES: Record<'maxRetries' | 'backoff', Rule> = { maxRetries: COUNT, backoff: HOOK };

export const TASK_RULES: Record<keyof TaskOptions, Rule> = {
  name: STRING,
  meta: ANY,
  signal: SIGNAL,
  priority: FINITE,
  timeout: DURATION,
  queueTimeout: DURATION,
  deadline: INSTANT,
  retry: RETRY,
  key: STRING,
  cost: COST,
};

/** What a caller wants to have run, as a function. Throws `INVALID_CONFIG`. */
export function readTask<R, T>(task: Task<R, T>): TaskFunction<R, T> {
  if (typeof task === 'function') return task;
  const execute: unknown = isObject(task) ? task.execute : undefined; // oxlint-disable-line typescript/unbound-method -- called with the task as this
  if (typeof execute === 'function') return (resource, context) => Reflect.apply(execute, task, [resource, context]);
  throw invalid(`task must be a function or an object with an execute method, got ${describe(task)}`);
}

/** The options of one task, or of each task of a `map()`, read once. Throws `INVALID_CONFIG`. */
export function readTaskOptions<O extends TaskOptions>(options: O, rules: Record<keyof O & string, Rule>): O {
  const given: O = readArgument(options, rules);
  if (isObject(given.retry)) given.retry = readOptions(given.retry, TASK_RETRY_RULES, 'retry.');
  return given;
}

/** What a task takes of each unit that there is, read once; `rules` has one for each. Throws `INVALID_CONFIG`. */
export function readCost(cost: Cost, { rules, isMixed }: CostOptions): Cost {
  const names = Object.keys(rules);
  if (typeof cost === 'number') {
    if (!isMixed || cost === 0 || cost === 1) return cost;
    const [unit] = names;
    throw invalid(
      `cost must say of which unit it is where limits count different ones, such as { ${unit}: ${cost} }, got ${cost}`,
    );
  }
  const other = Object.keys(cost).find((unit) => !Object.hasOwn(rules, unit));
  if (other !== undefined) {
    const hint = nearest(other, names);
    const units = names.length === 0 ? 'no limit has a unit' : `the units are ${names.join(', ')}`;
    const question = hint === undefined ? `, and each run takes 1 of a limit without one` : `, did you mean ${hint}?`;
    throw invalid(`cost.${other} is the unit of no limit: ${units}${question}`);
  }
  const given = readOptions(cost, rules, 'cost.');
  return Object.fromEntries([STARTS, ...names].map((unit) => [unit, given[unit] ?? 1]));
}

/** The units that a cost may name, and whether limits count different ones, starts included. */
export interface CostOptions {
  readonly rules: Record<string, Rule>;
  readonly isMixed: boolean;
}

export const LEASE_RULES: Record<keyof LeaseOptions, Rule> = {
  name: STRING,
  signal: SIGNAL,
  priority: FINITE,
  queueTimeout: DURATION,
  key: STRING,
};

type AnyMapOptions = Omit<MapOptions, 'settled'> & { settled?: boolean | undefined };

const MAP_RULES: Record<keyof AnyMapOptions, Rule> = {
  ...TASK_RULES,
  concurrency: POSITIVE_LIMIT,
  ordered: BOOLEAN,
  settled: BOOLEAN,
};

/** Checks what `map()` is given and returns its options, read once. Throws `INVALID_CONFIG`. */
export function readMap(items: unknown, fn: unknown, options: AnyMapOptions): AnyMapOptions {
  const isIterable =
    typeof items === 'string' || (isObject(items) && (Symbol.iterator in items || Symbol.asyncIterator in items));
  if (!isIterable) throw invalid(`items must be an iterable or an async iterable, got ${describe(items)}`);
  if (typeof fn !== 'function') throw invalid(`fn must be a function, got ${describe(fn)}`);
  return readTaskOptions(options, MAP_RULES);
}

/** Selects the waiting tasks and leases that `clear()` ends: those that match every field; without a field, all. */
export interface ClearFilter {
  name?: string;
  key?: string;
  priority?: number;
}

const FILTER_RULES: Record<keyof ClearFilter, Rule> = { name: STRING, key: STRING, priority: FINITE };

/**
 * Whom `clear()` means by a filter, which is read once. Throws `INVALID_CONFIG`, also for a field that is there and undefined: it would
 * mean all.
 */
export function readClearFilter(filter: ClearFilter): (task: TaskRecord<never>) => boolean {
  requireObject(filter, 'filter');
  const given = readOptions(filter, FILTER_RULES, 'filter.');
  requireOptions(given, Object.keys(filter) as (keyof ClearFilter)[], FILTER_RULES, 'filter.');
  const { name, key, priority } = given;
  return (task) =>
    (name === undefined || task.extras?.name === name) &&
    (key === undefined || task.key === key) &&
    (priority === undefined || task.priority === priority);
}

/** Checks a text that a call is given, such as the `id` of `cancel()`. Throws `INVALID_CONFIG`. */
export function checkText(name: string, text: unknown): void {
  readOptions({ [name]: text }, { [name]: STRING }, '');
  if (text === undefined) throw invalid(`${name} must be a string, got undefined`);
}

/** Checks the argument of `intercept()`. Throws `INVALID_CONFIG`. */
export function checkInterceptor(interceptor: unknown): void {
  if (typeof interceptor !== 'function') throw invalid(`interceptor must be a function, got ${describe(interceptor)}`);
}

/** Checks the argument of `onSizeLessThan()`. Throws `INVALID_CONFIG`. */
export function checkSizeLimit(limit: number): void {
  readOptions({ limit }, { limit: ['a number above 0', (value) => isNumber(value) && value > 0] }, '');
}

export const RECYCLE_RULES: { reason: Rule } = { reason: STRING };
export const FIND_RULES: { limit: Rule } = { limit: LIMIT };
export const EVICT_RULES: { keep: Rule } = { keep: LIMIT };
export const STOP_RULES: { timeout: Rule } = { timeout: DURATION };
