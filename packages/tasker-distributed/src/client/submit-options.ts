import {
  BOOLEAN,
  DEDUPE,
  DELAY,
  FALSE,
  FUNCTION,
  INSTANT,
  INTERVAL,
  PERIOD,
  POSITIVE_LIMIT,
  SIGNAL,
  TASK_ID,
  integerBetween,
  readOptions,
} from '../basics/option-rules.ts';
import type { Given, Rule } from '../basics/option-rules.ts';
import type { Limits } from '../basics/limits.ts';
import { wholeMs } from '../basics/whole-ms.ts';
import { MAX_PRIORITY } from '../engine/engine.ts';
import type { NewTask, Payload } from '../engine/engine.ts';

/** Options of a task that nobody need wait for. Durations are milliseconds. */
export interface SubmitOptions {
  /** An integer between ±1,048,575; higher first, first in first out within one. Default 0. */
  priority?: number | undefined;
  /** Time before it may start. Default 0. */
  delay?: number | undefined;
  /** Longest run; then `TIMEOUT`. Default: that of the worker. */
  timeout?: number | undefined;
  /** Longest wait before the first run, from its submission or the end of its `delay`; then `QUEUE_TIMEOUT`. Default: none. */
  queueTimeout?: number | undefined;
  /**
   * Latest end of the whole, retries and `delay` included: ms from submission or a wall-clock instant; then `DEADLINE`. By the clock of the
   * store, wherever it runs. Default: none.
   */
  deadline?: number | Date | undefined;
  /**
   * While a task with this key waits or runs, or with `ttl` for so long after it was submitted, another one is not queued: its id and its result are
   * those of the first.
   */
  dedupe?: string | { key: string; ttl?: number } | undefined;
  /** `false`: it runs once at most, see `queueTaskOnce`. */
  retry?: false | undefined;
  /**
   * Names the task: letters, digits, `.`, `_` and `-`, not a number, nor a word of BullMQ such as `wait`. If the store has a task of that id, or still its result, that one stands for
   * it, and nothing is queued: so what may have been submitted is submitted again. Default: a random one.
   */
  id?: string | undefined;
}

/** Options of many tasks alike. */
export type BulkOptions = Omit<SubmitOptions, 'dedupe' | 'id'>;

/** Options of `map()`; the others are those of each task. */
export interface MapOptions extends BulkOptions {
  /** Most items pulled from the source and not yet yielded. Default 100. */
  concurrency?: number | undefined;
  /** Whether results come in the order of the items, or as tasks end. Default true. */
  ordered?: boolean | undefined;
  /** Ends it, and cancels the tasks that are not done. */
  signal?: AbortSignal | undefined;
  /** See {@link SettledMapOptions}. */
  settled?: false | undefined;
}

/** Options of a `map()` that goes on after an item that fails. */
export interface SettledMapOptions extends Omit<MapOptions, 'settled'> {
  /** Yields a `MapOutcome` for each item, also for one that has failed. */
  settled: true;
}

/** Options of waiting for a task that is there. */
export interface ResultOptions extends Pick<QueueOptions, 'onProgress'> {
  /** Ends the waiting: the promise rejects at once with the signal's reason, and the task goes on. */
  signal?: AbortSignal | undefined;
}

/** Options of a task whose result is waited for. */
export interface QueueOptions extends SubmitOptions {
  /** Cancels it, wherever it is, and with `dedupe` for all who wait for it: the promise rejects at once with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Is given what the task passes to `context.progress`. It must not throw. */
  onProgress?: ((value: unknown) => void) | undefined;
}

const BULK_RULES: Record<keyof BulkOptions, Rule> = {
  priority: integerBetween(-MAX_PRIORITY, MAX_PRIORITY),
  delay: DELAY,
  timeout: INTERVAL,
  queueTimeout: PERIOD,
  deadline: INSTANT,
  retry: FALSE,
};
const SUBMIT_RULES: Record<keyof SubmitOptions, Rule> = { ...BULK_RULES, dedupe: DEDUPE, id: TASK_ID };
const RESULT_RULES: Record<keyof ResultOptions, Rule> = { signal: SIGNAL, onProgress: FUNCTION };
const QUEUE_RULES: Record<keyof QueueOptions, Rule> = { ...SUBMIT_RULES, ...RESULT_RULES };

type AnyMapOptions = Omit<MapOptions, 'settled'> & { settled?: boolean | undefined };

const MAP_RULES: Record<keyof AnyMapOptions, Rule> = {
  ...BULK_RULES,
  concurrency: POSITIVE_LIMIT,
  ordered: BOOLEAN,
  signal: SIGNAL,
  settled: BOOLEAN,
};

export function readMapOptions(options: AnyMapOptions | undefined): Given<AnyMapOptions> {
  return readOptions<AnyMapOptions>(options, MAP_RULES);
}

export function readBulkOptions(options: BulkOptions | undefined): Given<BulkOptions> {
  return readOptions<BulkOptions>(options, BULK_RULES);
}

export function readSubmitOptions(options: SubmitOptions | undefined): Given<SubmitOptions> {
  return readOptions<SubmitOptions>(options, SUBMIT_RULES);
}

export function readQueueOptions(options: QueueOptions | undefined): Given<QueueOptions> {
  return readOptions<QueueOptions>(options, QUEUE_RULES);
}

export function readResultOptions(options: ResultOptions | undefined): Given<ResultOptions> {
  return readOptions<ResultOptions>(options, RESULT_RULES);
}

/** A task for the engine. */
export function newTask(
  id: string,
  name: string,
  input: unknown,
  options: Given<SubmitOptions>,
  limits: Limits,
): NewTask {
  const { priority = 0, delay, dedupe } = options;
  return {
    id,
    name,
    payload: { ...payloadOf(input, options), ...limits },
    priority,
    ...(delay === undefined ? {} : { delay: wholeMs(delay) }),
    ...(dedupe === undefined ? {} : { dedupe: readDedupe(dedupe) }),
  };
}

function readDedupe(dedupe: string | { key: string; ttl?: number }): { key: string; ttl?: number } {
  const { key, ttl } = typeof dedupe === 'string' ? { key: dedupe, ttl: undefined } : dedupe;
  return { key, ...(ttl === undefined ? {} : { ttl: wholeMs(ttl) }) };
}

export function payloadOf(input: unknown, { timeout, retry }: Given<SubmitOptions>): Payload {
  return {
    ...(input === undefined ? {} : { input }),
    ...(retry === false ? { once: true as const } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  };
}
