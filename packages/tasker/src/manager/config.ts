import { captureScope } from '../primitives/async-scope.ts';
import { fullJitter } from '../primitives/backoff.ts';
import { describe } from '../primitives/check.ts';
import { systemClock } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import type { RateLimit } from '../primitives/gcra.ts';
import {
  ANY,
  BOOLEAN,
  BURST,
  CLOCK,
  COLLECTOR,
  COUNT,
  DURATION,
  HOOK,
  INTERVAL,
  LIMIT,
  LOGGER,
  OBJECT,
  ON_FULL,
  PERIOD,
  POSITIVE_INTEGER,
  POSITIVE_LIMIT,
  RATE,
  RATES,
  RATIO,
  SCALING,
  SIGNAL,
  STRING,
  UNIT,
  invalid,
  readOptions,
  requireObject,
  requireOptions,
} from '../primitives/option-rules.ts';
import type { Rule } from '../primitives/option-rules.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import type { CostOptions } from './call-options.ts';
import { createCollector } from '../metrics/collector.ts';
import type { MetricsCollector, SelectiveCollector } from '../metrics/collector.ts';
import { silentLogger } from '../metrics/logger.ts';
import type { Logger } from '../metrics/logger.ts';
import type { CreateContext, DestroyReason, ResourceHooks } from '../resources/resource.ts';
import type { UpkeepOptions } from '../resources/upkeep.ts';
import type { Scaler } from '../scaling/scaler.ts';
import type { AdmissionOptions } from '../tasks/admission.ts';
import type { WorkQueueOptions } from '../tasks/queue.ts';
import type { RetryPolicy } from '../tasks/retry-policy.ts';
import type { OverloadVerdict, Verdict } from '../tasks/verdict.ts';
import type { FlowOptions, Sizes } from '../flow/parts.ts';
import type { ThrottleOptions } from '../flow/throttle.ts';
import { readListeners } from '../reports/listeners.ts';
import type { Listeners, Listening } from '../reports/listeners.ts';
import type { DispatcherOptions } from '../flow/dispatcher.ts';
import type { HealthInfo, JudgeOptions } from '../flow/judge.ts';

/**
 * The configuration of a task manager. Durations are in milliseconds, fractions allowed. An option that is absent or
 * `undefined` has its default.
 */
export interface TaskManagerConfig<R> {
  // resources

  /**
   * Makes a resource: for each worker, for the spare pool of `runTask`, and for a `runTask` that finds the spare pool
   * empty. Without this hook and `onDestroy` there are no resources; see {@link PlainTaskManagerConfig}.
   */
  onCreate(context: CreateContext): R | PromiseLike<R>;
  /** Disposes of a resource. Called exactly once for each resource that `onCreate` has made. */
  onDestroy(resource: R, reason: DestroyReason): void | PromiseLike<unknown>;
  /**
   * Judges the resource by the error of a task. `true` = the resource is healthy, and the task fails; `false` = the
   * resource is replaced, and the task is retried; a {@link Verdict} decides on resource and task separately. Default:
   * always `true`.
   */
  checkHealth?(error: unknown, info: HealthInfo<R>): boolean | Verdict | OverloadVerdict;
  /** Longest time that `onCreate` may take, in ms; then the creation fails. Default 30,000. */
  createTimeout?: number | undefined;
  /**
   * Returns how long to wait, in ms, after `failures` failed creations in a row. Default: full jitter, with a bound
   * that doubles from 100 ms to 5 s.
   */
  createBackoff?: ((failures: number) => number) | undefined;
  /** Longest time that the manager waits for `onDestroy`, in ms. Default 5,000. */
  destroyTimeout?: number | undefined;
  /**
   * Size of the spare pool: resources kept ready for `runTask`. An integer, 0 or more; with 0 each `runTask` makes a
   * temporary one. Default `workerCount`, or as many as `maxResources` leaves room for.
   */
  resourcePoolSize?: number | undefined;
  /**
   * Maximum number of temporary resources of `runTask` at a time; beyond it `runTask` waits its turn. An integer, 0 or
   * more; default Infinity.
   */
  maxTemporaryResources?: number | undefined;
  /**
   * Maximum number of resources at a time: of workers, spare and temporary ones together, including those being made or
   * destroyed. A positive integer, at least `workerCount + resourcePoolSize`; default Infinity.
   */
  maxResources?: number | undefined;

  // workers

  /** Number of base workers, which are always there. A positive integer; required. */
  workerCount: number;
  /**
   * Maximum number of workers, base and burst together. An integer, at least `workerCount`; default `workerCount * 2`.
   */
  maxWorkerCount?: number | undefined;
  /**
   * Number of tasks that may use one resource at the same time, such as pages of one browser; a task goes to the least
   * busy worker. A positive integer; default 1.
   */
  tasksPerWorker?: number | undefined;
  /**
   * How long the first creations are retried with backoff when they fail, in ms, so that a service may start before its
   * database. Default 0: the first failure fails the start.
   */
  startTimeout?: number | undefined;
  /**
   * Whether resources are made only when they are needed: a worker for each waiting task, up to `workerCount` whatever
   * the scaling law says, and a spare resource for each `runTask`. Each is retired after `idleTimeout` without work.
   * Default false.
   */
  lazy?: boolean | undefined;
  /**
   * The law that sets the number of workers: `'auto'` = the built-in law, `'off'` = always `workerCount` workers, or a
   * {@link Scaler} of your own. Default `'auto'`.
   */
  scaling?: 'auto' | 'off' | Scaler | undefined;
  /**
   * Whether `scaling: 'auto'` limits how many tasks run at once when more of them get no more done, because a
   * bottleneck behind all workers makes them slow each other down. Default true.
   */
  growthMustPay?: boolean | undefined;
  /**
   * Interval at which the number of workers is reviewed while there is something to decide, in ms. Above 0; default
   * 100.
   */
  burstInterval?: number | undefined;
  /**
   * How long a task may wait before more workers are started, in ms; 0 = a worker for each waiting task. Default
   * `burstInterval`.
   */
  targetWait?: number | undefined;
  /**
   * How long a worker above `workerCount` (with `lazy`: any worker) may be idle before it is retired, in ms. Default:
   * the largest of 1,000, 2 × `burstInterval` and 5 × the measured creation time.
   */
  idleTimeout?: number | undefined;
  /** @deprecated Accepted and ignored: the number of workers follows the load by itself. */
  burstTaskThreshold?: number | undefined;
  /** @deprecated Accepted and ignored: the number of workers follows the load by itself. */
  burstWorkerCount?: number | undefined;

  // tasks

  /**
   * Longest time of one run, in ms, of a task without its own `timeout`; then the task fails with `TIMEOUT`. Default:
   * no limit.
   */
  timeout?: number | undefined;
  /**
   * Longest wait before the first run, in ms, of a task without its own `queueTimeout`; then the task fails with
   * `QUEUE_TIMEOUT`. Default: no limit.
   */
  queueTimeout?: number | undefined;
  /** Grace period for a function that ignores its abort, in ms; then its resource is replaced. Default 5,000. */
  abandonAfter?: number | undefined;
  /**
   * Time in ms after which a task that still runs, or a lease that is still held, emits `stuck`, which names the task,
   * lease or call of this manager that it waits for. Default: off.
   */
  stuckAfter?: number | undefined;

  // retries

  /** Maximum number of retries of a task after unhealthy runs. An integer, 0 or more; default 3. */
  maxRetries?: number | undefined;
  /**
   * How tasks are retried after unhealthy runs. Default: `maxRetries`, the default backoff of {@link RetryPolicy}, no
   * budget.
   */
  retry?: Partial<RetryPolicy> | undefined;

  // queue

  /**
   * Maximum number of tasks and leases, retries not counted, that may wait beyond those that workers have places for:
   * free places, and places of workers that are being made or may still be made, up to `maxWorkerCount` (with
   * `scaling: 'off'`: `workerCount`). An integer, 0 or more; with 0 no task waits for another one to end. Default
   * Infinity.
   */
  maxQueueSize?: number | undefined;
  /**
   * What a full queue does with a new task: `'reject'` refuses it (`QUEUE_FULL`); `'drop-oldest'` and `'drop-lowest'`
   * push out (`DROPPED`) the oldest or the newest task of the lowest waiting priority, unless the new task's priority
   * is lower (for `'drop-lowest'`: not higher). Default `'reject'`.
   */
  onFull?: 'reject' | 'drop-oldest' | 'drop-lowest' | undefined;
  /** Maximum number of running tasks with the same `key`. A positive integer; default Infinity. */
  keyConcurrency?: number | undefined;
  /**
   * Limits how many tasks may start, or how much they may cost: one {@link RateLimit}, or several that all apply.
   * Retries, leases and `runTask` count, too; `runTask` goes first. A task that waits for the rate holds no worker.
   * Default: no limit.
   */
  rate?: RateLimit | readonly RateLimit[] | undefined;
  /** Like `rate`, but for the tasks of each `key`. Default: no limit. */
  keyRate?: RateLimit | readonly RateLimit[] | undefined;
  /** A waiting task counts one priority higher for every `aging` ms of its wait. Above 0; default: off. */
  aging?: number | undefined;

  // upkeep

  /**
   * Returns whether a resource that has been idle is still good; a bad one is replaced before a task gets it. A result
   * that is not a boolean is reported on `error`, and counts as true or false as it would in a condition.
   */
  validate?(resource: R): boolean | PromiseLike<boolean>;
  /**
   * How long a resource may be idle, in ms, and still be used without being validated; time that the computer sleeps
   * counts. 0 = it is validated before every use. Default 500.
   */
  validateAfter?: number | undefined;
  /** Longest time that `validate` and `onRelease` may take, in ms; then the resource is replaced. Default 5,000. */
  validateTimeout?: number | undefined;
  /**
   * Resets a resource after each task; the next task waits for it. If it fails, the resource is replaced. Not allowed
   * with `tasksPerWorker` above 1.
   */
  onRelease?(resource: R): void | PromiseLike<unknown>;
  /** Interval at which an idle resource is validated, in ms. Above 0; requires `validate`. Default: off. */
  keepAlive?: number | undefined;
  /**
   * Age at which a resource is replaced, in ms, spread over its last tenth; time that the computer sleeps counts. Above
   * 0; default: never.
   */
  maxAge?: number | undefined;
  /** Number of tasks and leases after which a resource is replaced. A positive integer; default: never. */
  maxUses?: number | undefined;

  // environment

  /**
   * Aborting this signal starts `stop()`. If it aborts before or during the start, the start rejects with its reason.
   */
  signal?: AbortSignal | undefined;
  /** Receives log messages; `console`, pino and winston fit as they are. Default: silent. */
  logger?: Logger | undefined;
  /**
   * Records the metrics of tasks. A method that is `undefined` is not called and costs nothing. Default: the built-in
   * collector; see `createCollector`.
   */
  collector?: MetricsCollector | SelectiveCollector | undefined;
  /**
   * Listeners by the name of their event, as if added by `on(event, listener)` before the first creation: they also
   * hear of a start that fails.
   */
  on?: Listeners | undefined;
  /** The source of time. Default: the system clock. Tests pass a `VirtualClock`. */
  clock?: Clock | undefined;
  /**
   * Whether a task runs in the async context (`AsyncLocalStorage`) of its submitter; `false` saves some time and memory per task.
   * Default true.
   */
  asyncContext?: boolean | undefined;
  /** Name of the manager, also in log messages. */
  name?: string | undefined;
}

/**
 * A configuration without `onCreate` and `onDestroy`: workers own no resource, and tasks get `undefined`. The manager
 * then is a limit on how many tasks run at a time, with a queue, priorities, keys, time limits and retries.
 */
export interface PlainTaskManagerConfig extends Omit<TaskManagerConfig<undefined>, 'onCreate' | 'onDestroy'> {
  onCreate?: undefined;
  onDestroy?: undefined;
}

/** The configuration as it may be given: both hooks or none. */
type GivenConfig<R> = Omit<TaskManagerConfig<R>, Hook> & Partial<Pick<TaskManagerConfig<R>, Hook>>;
type Hook = 'onCreate' | 'onDestroy';

/** Bounds of all resources that a resize does not change. */
interface Bounds {
  readonly maxTemporaryResources: number;
  readonly maxResources: number;
}

/** Options that have a value once the defaults are filled in. */
type Filled<K extends keyof TaskManagerConfig<unknown>> = {
  readonly [P in K]: Exclude<TaskManagerConfig<unknown>[P], undefined>;
};

/** A configuration whose every default is filled in. */
export interface ResolvedConfig<R>
  extends
    ResourceHooks<R>,
    UpkeepOptions<R>,
    WorkQueueOptions,
    AdmissionOptions,
    FlowOptions,
    DispatcherOptions,
    ThrottleOptions,
    JudgeOptions<R>,
    Filled<
      | 'stuckAfter'
      | 'burstInterval'
      | 'startTimeout'
      | 'timeout'
      | 'queueTimeout'
      | 'createBackoff'
      | 'targetWait'
      | 'scaling'
      | 'growthMustPay'
      | 'logger'
      | 'collector'
      | 'asyncContext'
    >,
    Readonly<Pick<TaskManagerConfig<R>, 'signal' | 'idleTimeout' | 'name'>> {
  /** Whether the collector is the built-in one, made for this manager. */
  readonly isOwnCollector: boolean;
  readonly listeners: readonly Listening[];
  readonly deprecated: readonly string[];
  readonly costs: CostOptions;
}

/** Stands for both hooks where workers own nothing. */
const nothing = (): never => undefined as never;

/** Every option: its rule, and its default where that is a value. In the groups of the reference. */
const OPTIONS = {
  // resources
  onCreate: [HOOK],
  onDestroy: [HOOK],
  checkHealth: [HOOK],
  createTimeout: [DURATION, 30_000],
  createBackoff: [HOOK, fullJitter({ initial: 100, max: 5_000 })],
  destroyTimeout: [DURATION, 5_000],
  resourcePoolSize: [COUNT],
  maxTemporaryResources: [LIMIT, Infinity],
  maxResources: [POSITIVE_LIMIT, Infinity],
  // workers
  workerCount: [POSITIVE_INTEGER],
  maxWorkerCount: [POSITIVE_INTEGER],
  tasksPerWorker: [POSITIVE_INTEGER, 1],
  startTimeout: [DURATION, 0],
  lazy: [BOOLEAN, false],
  scaling: [SCALING, 'auto'],
  growthMustPay: [BOOLEAN, true],
  burstInterval: [INTERVAL, 100],
  targetWait: [DURATION],
  idleTimeout: [DURATION],
  burstTaskThreshold: [ANY],
  burstWorkerCount: [ANY],
  // tasks
  timeout: [DURATION, Infinity],
  queueTimeout: [DURATION, Infinity],
  abandonAfter: [DURATION, 5_000],
  stuckAfter: [DURATION, Infinity],
  // retries
  maxRetries: [COUNT, 3],
  retry: [OBJECT],
  // queue
  maxQueueSize: [LIMIT, Infinity],
  onFull: [ON_FULL, 'reject'],
  keyConcurrency: [POSITIVE_LIMIT, Infinity],
  rate: [RATES],
  keyRate: [RATES],
  aging: [PERIOD, Infinity],
  // upkeep
  validate: [HOOK],
  validateAfter: [DURATION, 500],
  validateTimeout: [DURATION, 5_000],
  onRelease: [HOOK],
  keepAlive: [PERIOD, Infinity],
  maxAge: [PERIOD, Infinity],
  maxUses: [POSITIVE_LIMIT, Infinity],
  // environment
  signal: [SIGNAL],
  logger: [LOGGER, silentLogger],
  collector: [COLLECTOR],
  on: [OBJECT],
  clock: [CLOCK, systemClock],
  asyncContext: [BOOLEAN, true],
  name: [STRING],
} satisfies Record<keyof TaskManagerConfig<unknown>, [rule: Rule, standard?: unknown]>;

type Options = typeof OPTIONS;
/** The options that have a default. */
type Standard = { [K in keyof Options]: Options[K] extends [Rule, unknown] ? K : never }[keyof Options];

const entries = Object.entries(OPTIONS) as [keyof Options, [rule: Rule, standard?: unknown]][];
const CONFIG_RULES = Object.fromEntries(entries.map(([name, [rule]]) => [name, rule])) as Record<keyof Options, Rule>;
const STANDARDS = Object.fromEntries(
  entries.flatMap(([name, [, standard]]) => (standard === undefined ? [] : [[name, standard]])),
) as { [K in Standard]: Exclude<TaskManagerConfig<unknown>[K], undefined> };

const POLICY_RULES: Record<keyof RetryPolicy, Rule> = { maxRetries: COUNT, backoff: HOOK, budget: OBJECT };
const BUDGET_RULES: Record<keyof RetryPolicy['budget'], Rule> = { ratio: RATIO, minPerSecond: RATIO };
/** Checks a configuration and fills in its defaults. Throws `INVALID_CONFIG`, before anything is made. */
export function resolveConfig<R>(config: GivenConfig<R>): ResolvedConfig<R> {
  requireObject(config, 'config');
  const given = readOptions(config, CONFIG_RULES, '');
  requireOptions(given, ['workerCount'], CONFIG_RULES, '');
  if ((given.onCreate === undefined) !== (given.onDestroy === undefined)) {
    const only = given.onCreate === undefined ? 'onDestroy' : 'onCreate';
    throw invalid(`onCreate and onDestroy must be given both or neither, got ${only} alone`);
  }
  const options = { ...STANDARDS, ...given };
  const sizes = resolveSizes(given, options);
  if (given.keepAlive !== undefined && given.validate === undefined) {
    throw invalid(`keepAlive must come with validate, which it calls, got ${describe(given.keepAlive)} without it`);
  }
  if (given.onRelease !== undefined && options.tasksPerWorker > 1) {
    throw invalid('onRelease must not be given when tasksPerWorker is above 1, since others may be using the resource');
  }
  const retry = readPolicy(given.retry ?? {});
  const rate = readRates(given.rate, 'rate');
  const keyRate = readRates(given.keyRate, 'keyRate');
  return {
    ...options,
    onCreate: given.onCreate?.bind(config) ?? nothing,
    onDestroy: given.onDestroy?.bind(config) ?? nothing,
    checkHealth: given.checkHealth?.bind(config),
    validate: given.validate?.bind(config),
    onRelease: given.onRelease?.bind(config),
    signal: given.signal,
    name: given.name,
    sizes,
    isLazy: options.lazy,
    rate,
    keyRate,
    costs: costsOf([...rate, ...keyRate]),
    targetWait: given.targetWait ?? options.burstInterval,
    idleTimeout: given.idleTimeout,
    retry: { ...retry, maxRetries: retry.maxRetries ?? options.maxRetries },
    collector: given.collector ?? createCollector({ clock: options.clock }),
    isOwnCollector: given.collector === undefined,
    scope: captureScope(),
    listeners: readListeners(given.on ?? {}),
    deprecated: (['burstTaskThreshold', 'burstWorkerCount'] as const).filter((key) => given[key] !== undefined),
  };
}

/** The policy of retries, read once. */
function readPolicy(options: Partial<RetryPolicy>): Partial<RetryPolicy> {
  const policy = readOptions(options, POLICY_RULES, 'retry.');
  if (policy.budget === undefined) return policy;
  const budget = readOptions(policy.budget, BUDGET_RULES, 'retry.budget.');
  requireOptions(budget, ['ratio', 'minPerSecond'], BUDGET_RULES, 'retry.budget.');
  return { ...policy, budget };
}

const RATE_RULES: Record<keyof RateLimit, Rule> = { limit: RATE, interval: INTERVAL, burst: BURST, unit: UNIT };

/** A rate or several, each read once. */
function readRates(given: RateLimit | readonly RateLimit[] | undefined, name: string): readonly RateLimit[] {
  if (given === undefined) return [];
  const isList = Array.isArray(given);
  const list: readonly unknown[] = isList ? [...given] : [given];
  return list.map((limit, i) => {
    const at = isList ? `${name}[${i}]` : name;
    requireObject(limit, at);
    const rate = readOptions(limit as RateLimit, RATE_RULES, `${at}.`);
    requireOptions(rate, ['limit', 'interval'], RATE_RULES, `${at}.`);
    return rate;
  });
}

function costsOf(limits: readonly RateLimit[]): CostOptions {
  const units = new Set(limits.map(({ unit }) => unit));
  const named = [...units].flatMap((unit) => (unit === undefined ? [] : [[unit, RATIO] as const]));
  return { rules: Object.fromEntries(named), isMixed: units.size > 1 };
}

/** The argument of `resize()`: the sizes to change. */
export type SizeOptions = Pick<
  Partial<TaskManagerConfig<unknown>>,
  'workerCount' | 'maxWorkerCount' | 'resourcePoolSize'
>;

/** Fills in the sizes that depend on each other, and checks that they fit. */
function resolveSizes(
  options: SizeOptions & { workerCount: number },
  { maxTemporaryResources, maxResources }: Bounds,
): Sizes {
  const { workerCount } = options;
  const maxWorkerCount = options.maxWorkerCount ?? workerCount * 2;
  if (maxWorkerCount < workerCount) {
    throw invalid(`maxWorkerCount must be at least workerCount, ${workerCount}, got ${maxWorkerCount}`);
  }
  if (workerCount > maxResources) {
    throw invalid(`maxResources must be at least workerCount, ${workerCount}, got ${maxResources}`);
  }
  const resourcePoolSize = options.resourcePoolSize ?? Math.min(workerCount, maxResources - workerCount);
  if (workerCount + resourcePoolSize > maxResources) {
    const sum = `workerCount and resourcePoolSize together, ${workerCount} + ${resourcePoolSize}`;
    throw invalid(`maxResources must be at least ${sum}, got ${maxResources}`);
  }
  if (resourcePoolSize === 0 && maxTemporaryResources === 0) {
    throw invalid(
      'maxTemporaryResources must be at least 1 when resourcePoolSize is 0, since runTask could never run, got 0',
    );
  }
  return { workerCount, maxWorkerCount, resourcePoolSize, isMaxGiven: options.maxWorkerCount !== undefined };
}

/** Checks the argument of `resize()` and returns the sizes it leads to. Throws `INVALID_CONFIG`. */
export function resizedSizes(size: SizeOptions, current: Sizes, bounds: Bounds): Sizes {
  requireObject(size, 'size');
  const { workerCount, maxWorkerCount, resourcePoolSize } = CONFIG_RULES;
  const given = readOptions(size, { workerCount, maxWorkerCount, resourcePoolSize }, '');
  const max = given.maxWorkerCount ?? (current.isMaxGiven ? current.maxWorkerCount : undefined);
  return resolveSizes(
    {
      workerCount: given.workerCount ?? current.workerCount,
      resourcePoolSize: given.resourcePoolSize ?? current.resourcePoolSize,
      ...(max !== undefined && { maxWorkerCount: max }),
    },
    bounds,
  );
}
