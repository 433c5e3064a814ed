import { describe, nearest } from '../primitives/check.ts';
import type { Task, TaskOptions } from '../tasks/task.ts';
import { EVENT_NAMES } from './events.ts';
import {
  COUNT,
  DURATION,
  FINITE,
  HOOK,
  INSTANT,
  POSITIVE_LIMIT,
  RETRY,
  SIGNAL,
  STRING,
  check,
  hasMethods,
  invalid,
  isNumber,
  isObject,
  requireObject,
} from './option-rules.ts';
import type { Rule } from './option-rules.ts';

const TASK_RETRY_RULES: Record<'maxRetries' | 'backoff', Rule> = { maxRetries: COUNT, backoff: HOOK };

const TASK_RULES: Record<keyof TaskOptions, Rule> = {
  name: STRING,
  signal: SIGNAL,
  priority: FINITE,
  timeout: DURATION,
  queueTimeout: DURATION,
  deadline: INSTANT,
  retry: RETRY,
  key: STRING,
};

function checkRetry(retry: unknown): void {
  if (isObject(retry)) check(retry, TASK_RETRY_RULES, 'retry.');
}

/** Checks what a caller wants to have run. Throws `INVALID_CONFIG`. */
export function checkTask(task: unknown): asserts task is Task<never, unknown> {
  if (typeof task === 'function' || hasMethods(task, 'execute')) return;
  throw invalid(`task must be a function or an object with an execute method, got ${describe(task)}`);
}

/** Checks the options of one task. Throws `INVALID_CONFIG`. */
export function checkTaskOptions(options: TaskOptions): void {
  requireObject(options, 'options');
  check(options, TASK_RULES, '');
  checkRetry(options.retry);
}

const LEASE_RULES: Record<string, Rule> = {
  name: STRING,
  signal: SIGNAL,
  priority: FINITE,
  queueTimeout: DURATION,
  key: STRING,
};

/** Checks the options of a lease. Throws `INVALID_CONFIG`. */
export function checkLeaseOptions(options: object): void {
  requireObject(options, 'options');
  check(options, LEASE_RULES, '');
}

const MAP_RULES: Record<string, Rule> = {
  ...TASK_RULES,
  concurrency: POSITIVE_LIMIT,
  ordered: ['a boolean', (value) => typeof value === 'boolean'],
};

/** Checks what `map()` is given. Throws `INVALID_CONFIG`. */
export function checkMap(items: unknown, fn: unknown, options: { readonly retry?: unknown }): void {
  const isIterable =
    typeof items === 'string' || (isObject(items) && (Symbol.iterator in items || Symbol.asyncIterator in items));
  if (!isIterable) throw invalid(`items must be an iterable or an async iterable, got ${describe(items)}`);
  if (typeof fn !== 'function') throw invalid(`fn must be a function, got ${describe(fn)}`);
  requireObject(options, 'options');
  check(options, MAP_RULES, '');
  checkRetry(options.retry);
}

/** Checks the priority that a handle is given. Throws `INVALID_CONFIG`. */
export function checkPriority(priority: number): void {
  check({ priority }, { priority: FINITE }, '');
}

/** Checks the arguments of `on()`. Throws `INVALID_CONFIG`. */
export function checkListener(event: string, listener: unknown): void {
  if (!Object.hasOwn(EVENT_NAMES, event)) {
    const hint = nearest(event, Object.keys(EVENT_NAMES));
    throw invalid(`${describe(event)} is not an event${hint === undefined ? '' : `, did you mean ${hint}?`}`);
  }
  if (typeof listener !== 'function') throw invalid(`listener must be a function, got ${describe(listener)}`);
}

/** Checks the argument of `onSizeLessThan()`. Throws `INVALID_CONFIG`. */
export function checkSizeLimit(limit: number): void {
  check({ limit }, { limit: ['a number above 0', (value) => isNumber(value) && value > 0] }, '');
}

/** Checks the options of `recycle()`. Throws `INVALID_CONFIG`. */
export function checkRecycleOptions(options: { reason?: string }): void {
  requireObject(options, 'options');
  check(options, { reason: STRING }, '');
}

/** Checks the options of `stop()`. Throws `INVALID_CONFIG`. */
export function checkStopOptions(options: { timeout?: number }): void {
  requireObject(options, 'options');
  check(options, { timeout: DURATION }, '');
}
