import type { PlainTaskManagerConfig, TaskManagerConfig } from 'tasker';
import { COUNT, QUEUE_NAME, RATE, STRING, TIMER, invalid, requireRule } from '../basics/option-rules.ts';
import type { Rule } from '../basics/option-rules.ts';
import { wholeMs } from '../basics/whole-ms.ts';
import { DEFAULT_NAME } from '../engine/open-engine.ts';
import { TELEMETRY } from '../engine/telemetry.ts';
import type { Telemetry } from '../engine/telemetry.ts';

/** Options of the core that are about its own queue, of which a worker has none. */
type OfTheQueue =
  | 'name'
  | 'maxQueueSize'
  | 'onFull'
  | 'queueTimeout'
  | 'keyConcurrency'
  | 'keyRate'
  | 'aging'
  | 'retry';

interface DistributedOptions {
  /** The store, as in `connect`. Default `pglite:./.tasker`. */
  url?: string | undefined;
  /** Names the queue, as in `connect`. Default `tasker`. */
  name?: string | undefined;
  /**
   * Tasks that may start, by all workers of the queue together, which must agree; `rate` is for this worker alone. Default: no limit.
   */
  queueRate?: { limit: number; interval: number } | undefined;
  /** Backoff of a retry after `attempt` failed runs, in ms. Default: that of the core. A verdict's `after` wins. */
  retry?: { maxRetries?: number; backoff?: (attempt: number) => number } | undefined;
  /**
   * Milliseconds after which a worker that was not heard of is taken for dead, so that its tasks run elsewhere. A task that keeps the event
   * loop busy for longer seems to be dead: computation belongs in threads. Default 15,000.
   */
  lock?: number | undefined;
  /** How often workers look for tasks of dead ones, in ms; all of a queue should agree. Default 5,000. */
  lockCheck?: number | undefined;
  /** Traces and measures the queue, as in `connect`; what runs here is traced by `instrument(worker.manager)` of `tasker/otel`. */
  telemetry?: Telemetry | undefined;
}

/** The configuration of a worker: the options of `createTaskManager`, where its tasks come from, and how long they are its own. */
export interface WorkerConfig<R> extends Omit<TaskManagerConfig<R>, OfTheQueue>, DistributedOptions {}

/** A configuration without `onCreate` and `onDestroy`: tasks get `undefined` for a resource. */
export interface PlainWorkerConfig extends Omit<PlainTaskManagerConfig, OfTheQueue>, DistributedOptions {}

/** What is left when the defaults are filled in. */
export interface ResolvedWorkerConfig<R> {
  readonly core: TaskManagerConfig<R>;
  /** Aborting it starts `stop()`, which is more than the core's. */
  readonly signal: AbortSignal | undefined;
  readonly url: string | undefined;
  readonly name: string;
  readonly queueRate: { readonly limit: number; readonly interval: number } | undefined;
  readonly maxRetries: number;
  readonly backoff: ((attempt: number) => number) | undefined;
  readonly lock: number;
  readonly lockCheck: number;
  readonly telemetry: Telemetry | undefined;
}

const RULES: Record<keyof DistributedOptions, Rule> = {
  url: STRING,
  name: QUEUE_NAME,
  queueRate: RATE,
  retry: ['an object', (value) => typeof value === 'object' && value !== null],
  lock: TIMER,
  lockCheck: TIMER,
  telemetry: TELEMETRY,
};
const REFUSED: readonly string[] = ['maxQueueSize', 'onFull', 'queueTimeout', 'keyConcurrency', 'keyRate', 'aging'];

const DEFAULTS = { lock: 15_000, lockCheck: 5_000, maxRetries: 3 };

/** Throws `INVALID_CONFIG`; the options of the core are checked by the core. */
export function readWorkerConfig<R>(config: WorkerConfig<R> | PlainWorkerConfig): ResolvedWorkerConfig<R> {
  if (typeof config !== 'object' || config === null) throw invalid('config must be an object');
  for (const key of REFUSED) {
    if (key in config) throw invalid(`${key} is for a queue of this process, and this one is shared`);
  }
  const {
    signal,
    url,
    name = DEFAULT_NAME,
    queueRate,
    retry,
    lock = DEFAULTS.lock,
    lockCheck = DEFAULTS.lockCheck,
    telemetry,
    ...core
  } = config;
  const given = { url, name, queueRate, retry, lock, lockCheck, telemetry };
  for (const [key, rule] of Object.entries(RULES)) {
    const value = given[key as keyof typeof given];
    if (value !== undefined) requireRule(key, value, rule);
  }
  const maxRetries = retry?.maxRetries ?? core.maxRetries ?? DEFAULTS.maxRetries;
  requireRule('maxRetries', maxRetries, COUNT);
  const backoff = retry?.backoff;
  if (backoff !== undefined)
    requireRule('retry.backoff', backoff, ['a function', (value) => typeof value === 'function']);
  return {
    core: { ...core, name } as TaskManagerConfig<R>,
    ...{ signal, url, name, maxRetries, backoff, telemetry },
    queueRate: queueRate && { limit: queueRate.limit, interval: wholeMs(queueRate.interval) },
    lock: wholeMs(lock),
    lockCheck: wholeMs(lockCheck),
  };
}
