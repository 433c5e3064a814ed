import {
  DEDUPE,
  DELAY,
  FALSE,
  FUNCTION,
  INTERVAL,
  SIGNAL,
  TASK_ID,
  integerBetween,
  readOptions,
} from '../basics/option-rules.ts';
import type { Given, Rule } from '../basics/option-rules.ts';
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
  /**
   * While a task with this key waits or runs, or with `ttl` for so long after it was submitted, another one is not queued: its id and its result are
   * those of the first.
   */
  dedupe?: string | { key: string; ttl?: number } | undefined;
  /** `false`: it runs once at most, see `queueTaskOnce`. */
  retry?: false | undefined;
  /**
   * Names the task: letters, digits, `.`, `_` and `-`, not a number. If the store has a task of that id, or still its result, that one stands for
   * it, and nothing is queued: so what may have been submitted is submitted again. Default: a random one.
   */
  id?: string | undefined;
}

/** Options of a task whose result is waited for. */
export interface QueueOptions extends SubmitOptions {
  /** Cancels it, wherever it is: the promise rejects at once with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Is given what the task passes to `context.progress`. It must not throw. */
  onProgress?: ((value: unknown) => void) | undefined;
}

const SUBMIT_RULES: Record<keyof SubmitOptions, Rule> = {
  priority: integerBetween(-MAX_PRIORITY, MAX_PRIORITY),
  delay: DELAY,
  timeout: INTERVAL,
  dedupe: DEDUPE,
  retry: FALSE,
  id: TASK_ID,
};
const QUEUE_RULES: Record<keyof QueueOptions, Rule> = { ...SUBMIT_RULES, signal: SIGNAL, onProgress: FUNCTION };

export function readSubmitOptions(options: SubmitOptions | undefined): Given<SubmitOptions> {
  return readOptions<SubmitOptions>(options, SUBMIT_RULES);
}

export function readQueueOptions(options: QueueOptions | undefined): Given<QueueOptions> {
  return readOptions<QueueOptions>(options, QUEUE_RULES);
}

/** A task for the engine. */
export function newTask(id: string, name: string, input: unknown, options: Given<SubmitOptions>): NewTask {
  const { priority = 0, delay, dedupe } = options;
  return {
    id,
    name,
    payload: payloadOf(input, options),
    priority,
    ...(delay === undefined ? {} : { delay }),
    ...(dedupe === undefined ? {} : { dedupe: typeof dedupe === 'string' ? { key: dedupe } : dedupe }),
  };
}

export function payloadOf(input: unknown, { timeout, retry }: Given<SubmitOptions>): Payload {
  return {
    ...(input === undefined ? {} : { input }),
    ...(retry === false ? { once: true as const } : {}),
    ...(timeout === undefined ? {} : { timeout }),
  };
}
