import { PERIOD, QUEUE_NAME, readOptions } from '../basics/option-rules.ts';
import type { Rule } from '../basics/option-rules.ts';
import { DEFAULT_NAME, openEngine } from '../engine/open-engine.ts';
import { TELEMETRY } from '../engine/telemetry.ts';
import type { Telemetry } from '../engine/telemetry.ts';
import { requireDefinition } from '../tasks/define-tasks.ts';
import type { TaskDefinition } from '../tasks/define-tasks.ts';
import { Client } from './client.ts';
import type { TaskClient } from './task-client.ts';

/** Options of {@link connect}. */
export interface ConnectOptions {
  /**
   * Names the queue; clients and workers of one name belong together, and to one definition: each needs a name of its own. 1 to 40 letters,
   * digits, `.`, `_` and `-`. Default `tasker`.
   */
  name?: string | undefined;
  /**
   * Milliseconds that the store may be away before those who wait for it are rejected with `STORE_UNREACHABLE`; the tasks are in the
   * store all the same, if it had them. Default 60,000.
   */
  storeTimeout?: number | undefined;
  /** Traces and measures the queue, such as `new BullMQOtel({ … })` of `bullmq-otel`. What a worker does is then below what has submitted it. */
  telemetry?: Telemetry | undefined;
}

const DEFAULT_STORE_TIMEOUT = 60_000;
const RULES: Record<keyof ConnectOptions, Rule> = { name: QUEUE_NAME, storeTimeout: PERIOD, telemetry: TELEMETRY };

/**
 * Connects to the store that a URL names, to submit tasks: `redis://…`, `postgres://…`, `pglite:FOLDER` or `pglite://memory`; by default
 * `pglite:./.tasker`, an embedded one for a single process. Rejects with `INVALID_CONFIG`, `STORE_UNREACHABLE` or `STORE_IN_USE`.
 */
export async function connect<R, T>(
  tasks: TaskDefinition<R, T>,
  url?: string,
  options?: ConnectOptions,
): Promise<TaskClient<T>> {
  requireDefinition(tasks);
  const {
    name = DEFAULT_NAME,
    storeTimeout = DEFAULT_STORE_TIMEOUT,
    telemetry,
  } = readOptions<ConnectOptions>(options, RULES);
  const engine = await openEngine(url, name, storeTimeout, telemetry);
  return new Client(tasks, engine, storeTimeout) as unknown as TaskClient<T>;
}
