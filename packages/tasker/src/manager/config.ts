import { captureScope } from '../primitives/async-scope.ts';
import type { AsyncScope } from '../primitives/async-scope.ts';
import { fullJitter } from '../primitives/backoff.ts';
import { describe, nearest } from '../primitives/check.ts';
import { systemClock } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import { TaskerError } from '../primitives/errors.ts';
import type { TaskInfo } from '../primitives/task-info.ts';
import { createCollector } from '../metrics/collector.ts';
import type { MetricsCollector } from '../metrics/collector.ts';
import { silentLogger } from '../metrics/logger.ts';
import type { Logger } from '../metrics/logger.ts';
import type { CreateContext, DestroyReason } from '../resources/resource.ts';
import type { Scaler } from '../scaling/scaler.ts';
import type { RetryPolicy } from '../tasks/retry-policy.ts';
import type { Task, TaskOptions } from '../tasks/task.ts';
import type { Verdict } from './verdict.ts';

/** What `checkHealth` learns beside the error. */
export interface HealthInfo<R> {
  readonly resource: R;
  readonly task: TaskInfo;
}

/** The configuration of a task manager. Durations are milliseconds, fractions allowed; absent means the default. */
export interface TaskManagerConfig<R> {
  /** Makes a resource: for each worker, for the pool of `runTask`, and for a `runTask` that finds the pool empty. */
  onCreate(context: CreateContext): R | PromiseLike<R>;
  /** Disposes of a resource; called exactly once for each that `onCreate` made. */
  onDestroy(resource: R, reason: DestroyReason): void | PromiseLike<void>;
  /** Base workers, always there: a positive integer. */
  workerCount: number;
  /** Aborting it starts a graceful stop; aborted before or during the start, the start rejects with its reason. */
  signal?: AbortSignal;
  /**
   * Judges the error of a task: `true` = the resource is healthy, the task fails; `false` = the resource is replaced and
   * the task retried; a {@link Verdict} says both sides apart. Default: always healthy.
   */
  checkHealth?(error: unknown, info: HealthInfo<R>): boolean | Verdict;
  /** Most workers, base and burst together. At least `workerCount`; default `workerCount * 2`. */
  maxWorkerCount?: number;
  /** How often the number of workers is looked at while there is something to decide. Above 0; default 100. */
  burstInterval?: number;
  /** How often an unhealthy task is retried. An integer, 0 or more; default 3. */
  maxRetries?: number;
  /** Resources held ready for `runTask`. An integer, 0 or more; 0 = each `runTask` makes a temporary one. Default `workerCount`. */
  resourcePoolSize?: number;
  /** Told what goes on; `console`, pino and winston fit as they are. Default: silent. */
  logger?: Logger;
  /** Records the tasks' metrics. Default: the built-in one, see `createCollector`. */
  collector?: MetricsCollector;
  /** @deprecated Accepted and ignored: the number of workers follows the load by itself. */
  burstTaskThreshold?: number;
  /** @deprecated Accepted and ignored: the number of workers follows the load by itself. */
  burstWorkerCount?: number;
  /** Most temporary resources of `runTask` at a time; past it `runTask` waits its turn. An integer, 0 or more; default Infinity. */
  maxTemporaryResources?: number;
  /** Longest run of a task, for tasks that don't say. Default: no limit. */
  timeout?: number;
  /** Longest wait before the first run, for tasks that don't say. Default: no limit. */
  queueTimeout?: number;
  /** Grace for a function that ignores its abort; then its resource is replaced. Default 5,000. */
  abandonAfter?: number;
  /** How unhealthy tasks are retried. */
  retry?: Partial<RetryPolicy>;
  /** Longest time of `onCreate`; then the creation has failed. Default 30,000. */
  createTimeout?: number;
  /** Longest time of `onDestroy`; then it is no longer waited for. Default 5,000. */
  destroyTimeout?: number;
  /** Wait after so many failed creations in a row. Default: full jitter, from 100 ms doubling to 5 s. */
  createBackoff?: (failures: number) => number;
  /** How long a task may wait before more workers are started for it; 0 = a worker for each waiting task. Default `burstInterval`. */
  targetWait?: number;
  /** How long a worker above `workerCount` idles before it is retired. Default: the largest of 1 s, 2 × `burstInterval`, 5 × the measured creation time. */
  idleTimeout?: number;
  /** `'auto'` = the default law, `'off'` = always `workerCount` workers, or a law of your own. Default `'auto'`. */
  scaling?: 'auto' | 'off' | Scaler;
  /** The source of time. Default: the system's. Tests pass a `VirtualClock`. */
  clock?: Clock;
  /** Names the manager in log messages. */
  name?: string;
}

/** A configuration whose every default is filled in. */
export interface ResolvedConfig<R> {
  readonly onCreate: (context: CreateContext) => R | PromiseLike<R>;
  readonly onDestroy: (resource: R, reason: DestroyReason) => void | PromiseLike<void>;
  readonly checkHealth: ((error: unknown, info: HealthInfo<R>) => boolean | Verdict) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly workerCount: number;
  readonly maxWorkerCount: number;
  readonly burstInterval: number;
  readonly resourcePoolSize: number;
  readonly maxTemporaryResources: number;
  readonly timeout: number;
  readonly queueTimeout: number;
  readonly abandonAfter: number;
  readonly retry: {
    readonly maxRetries: number;
    readonly backoff?: RetryPolicy['backoff'];
    readonly budget?: RetryPolicy['budget'];
  };
  readonly createTimeout: number;
  readonly destroyTimeout: number;
  readonly createBackoff: (failures: number) => number;
  readonly targetWait: number;
  readonly idleTimeout: number | undefined;
  readonly scaling: 'auto' | 'off' | Scaler;
  readonly logger: Logger;
  readonly collector: MetricsCollector;
  readonly clock: Clock;
  readonly scope: AsyncScope | undefined;
  readonly name: string | undefined;
  readonly deprecated: readonly string[];
}

/** A rule: its words, and whether a value keeps it. Comparisons are written so that NaN fails them. */
type Rule = readonly [words: string, holds: (value: unknown) => boolean];

const isNumber = (value: unknown): value is number => typeof value === 'number';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const hasMethods = (value: unknown, ...names: string[]): boolean =>
  isObject(value) && names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

const HOOK: Rule = ['a function', (value) => typeof value === 'function'];
const POSITIVE_INTEGER: Rule = ['a positive integer', (value) => Number.isSafeInteger(value) && (value as number) > 0];
const COUNT: Rule = ['an integer, 0 or more', (value) => Number.isSafeInteger(value) && (value as number) >= 0];
const LIMIT: Rule = ['an integer, 0 or more, or Infinity', (value) => value === Infinity || COUNT[1](value)];
const DURATION: Rule = ['a number of milliseconds, 0 or more', (value) => isNumber(value) && value >= 0];
const INTERVAL: Rule = [
  'a finite number of milliseconds above 0',
  (value) => isNumber(value) && value > 0 && value < Infinity,
];
const FINITE: Rule = ['a finite number', (value) => Number.isFinite(value)];
const RATIO: Rule = ['a finite number, 0 or more', (value) => Number.isFinite(value) && (value as number) >= 0];
const STRING: Rule = ['a string', (value) => typeof value === 'string'];
const SIGNAL: Rule = [
  'an AbortSignal',
  (value) => hasMethods(value, 'addEventListener', 'removeEventListener') && 'aborted' in (value as object),
];
const LOGGER: Rule = [
  'an object with debug, info, warn and error methods',
  (value) => hasMethods(value, 'debug', 'info', 'warn', 'error'),
];
const COLLECTOR: Rule = [
  'an object with recordArrival, recordCompletion, recordFailure, recordRetry and metrics methods',
  (value) => hasMethods(value, 'recordArrival', 'recordCompletion', 'recordFailure', 'recordRetry', 'metrics'),
];
const CLOCK: Rule = [
  'an object with now, setTimeout and clearTimeout methods',
  (value) => hasMethods(value, 'now', 'setTimeout', 'clearTimeout'),
];
const SCALING: Rule = [
  "'auto', 'off' or a function",
  (value) => value === 'auto' || value === 'off' || typeof value === 'function',
];
const OBJECT: Rule = ['an object', isObject];
const INSTANT: Rule = [
  'a number of milliseconds, 0 or more, or a valid Date',
  (value) => DURATION[1](value) || (value instanceof Date && !Number.isNaN(value.getTime())),
];
const RETRY: Rule = ['false or an object', (value) => value === false || isObject(value)];
const ANY: Rule = ['anything', () => true];

const REQUIRED: readonly (keyof TaskManagerConfig<unknown>)[] = ['onCreate', 'onDestroy', 'workerCount'];

const CONFIG_RULES: Record<keyof TaskManagerConfig<unknown>, Rule> = {
  onCreate: HOOK,
  onDestroy: HOOK,
  workerCount: POSITIVE_INTEGER,
  signal: SIGNAL,
  checkHealth: HOOK,
  maxWorkerCount: POSITIVE_INTEGER,
  burstInterval: INTERVAL,
  maxRetries: COUNT,
  resourcePoolSize: COUNT,
  logger: LOGGER,
  collector: COLLECTOR,
  burstTaskThreshold: ANY,
  burstWorkerCount: ANY,
  maxTemporaryResources: LIMIT,
  timeout: DURATION,
  queueTimeout: DURATION,
  abandonAfter: DURATION,
  retry: OBJECT,
  createTimeout: DURATION,
  destroyTimeout: DURATION,
  createBackoff: HOOK,
  targetWait: DURATION,
  idleTimeout: DURATION,
  scaling: SCALING,
  clock: CLOCK,
  name: STRING,
};

const POLICY_RULES: Record<keyof RetryPolicy, Rule> = { maxRetries: COUNT, backoff: HOOK, budget: OBJECT };
const BUDGET_RULES: Record<keyof RetryPolicy['budget'], Rule> = { ratio: RATIO, minPerSecond: RATIO };
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

function invalid(message: string): TaskerError {
  return new TaskerError('INVALID_CONFIG', message);
}

/** Checks every key of `options` that is not undefined; `prefix` leads to it in messages, as in `retry.`. */
function check(options: object, rules: Record<string, Rule>, prefix: string): void {
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      const hint = nearest(key, Object.keys(rules));
      throw invalid(
        `${prefix}${key} is not a known option${hint === undefined ? '' : `, did you mean ${prefix}${hint}?`}`,
      );
    }
    const [words, holds] = rule;
    if (value !== undefined && !holds(value)) throw invalid(`${prefix}${key} must be ${words}, got ${describe(value)}`);
  }
}

function requireOptions<K extends string>(
  options: Partial<Record<K, unknown>>,
  keys: readonly K[],
  rules: Record<K, Rule>,
  prefix: string,
): void {
  for (const key of keys) {
    if (options[key] === undefined) throw invalid(`${prefix}${key} must be ${rules[key][0]}, got undefined`);
  }
}

function requireObject(value: unknown, what: string): asserts value is object {
  if (!isObject(value)) throw invalid(`${what} must be an object, got ${describe(value)}`);
}

/** Checks a configuration and fills in its defaults. Throws `INVALID_CONFIG`, before anything is made. */
export function resolveConfig<R>(config: TaskManagerConfig<R>): ResolvedConfig<R> {
  requireObject(config, 'config');
  const given = ownOptions(config, CONFIG_RULES);
  check(given, CONFIG_RULES, '');
  requireOptions(given, REQUIRED, CONFIG_RULES, '');
  const { workerCount, burstInterval = 100 } = config;
  const maxWorkerCount = config.maxWorkerCount ?? workerCount * 2;
  if (maxWorkerCount < workerCount) {
    throw invalid(`maxWorkerCount must be at least workerCount, ${workerCount}, got ${maxWorkerCount}`);
  }
  const resourcePoolSize = config.resourcePoolSize ?? workerCount;
  const maxTemporaryResources = config.maxTemporaryResources ?? Infinity;
  if (resourcePoolSize === 0 && maxTemporaryResources === 0) {
    throw invalid(
      'maxTemporaryResources must be at least 1 when resourcePoolSize is 0, since runTask could never run, got 0',
    );
  }
  const retry = config.retry ?? {};
  check(retry, POLICY_RULES, 'retry.');
  if (retry.budget !== undefined) {
    check(retry.budget, BUDGET_RULES, 'retry.budget.');
    requireOptions(retry.budget, ['ratio', 'minPerSecond'], BUDGET_RULES, 'retry.budget.');
  }
  const clock = config.clock ?? systemClock;
  const collector = config.collector ?? createCollector({ clock });
  return {
    onCreate: (context) => config.onCreate(context),
    onDestroy: (resource, reason) => config.onDestroy(resource, reason),
    checkHealth: config.checkHealth && ((error, info) => config.checkHealth?.(error, info) ?? true),
    signal: config.signal,
    workerCount,
    maxWorkerCount,
    burstInterval,
    resourcePoolSize,
    maxTemporaryResources,
    timeout: config.timeout ?? Infinity,
    queueTimeout: config.queueTimeout ?? Infinity,
    abandonAfter: config.abandonAfter ?? 5_000,
    retry: { ...retry, maxRetries: retry.maxRetries ?? config.maxRetries ?? 3 },
    createTimeout: config.createTimeout ?? 30_000,
    destroyTimeout: config.destroyTimeout ?? 5_000,
    createBackoff: config.createBackoff ?? fullJitter({ initial: 100, max: 5_000 }),
    targetWait: config.targetWait ?? burstInterval,
    idleTimeout: config.idleTimeout,
    scaling: config.scaling ?? 'auto',
    logger: config.logger ?? silentLogger,
    collector,
    clock,
    scope: captureScope(),
    name: config.name,
    deprecated: (['burstTaskThreshold', 'burstWorkerCount'] as const).filter((key) => config[key] !== undefined),
  };
}

/** A configuration may be an instance of a class: its known options may be inherited, its own unknown ones are mistakes. */
function ownOptions(options: object, rules: Record<string, Rule>): object {
  const given: Record<string, unknown> = { ...options };
  for (const key of Object.keys(rules)) given[key] = (options as Record<string, unknown>)[key];
  return given;
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
  if (options.retry) check(options.retry, TASK_RETRY_RULES, 'retry.');
}

/** Checks the options of `stop()`. Throws `INVALID_CONFIG`. */
export function checkStopOptions(options: { timeout?: number }): void {
  requireObject(options, 'options');
  check(options, { timeout: DURATION }, '');
}
