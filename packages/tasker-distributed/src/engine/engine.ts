import type { Limits } from '../basics/limits.ts';
import type { WireError } from '../basics/wire-error.ts';

/**
 * What this package asks of an engine: a durable queue that many processes share. `BullEngine` is the one there is; another one takes
 * its place by implementing this and passing `test/conformance`.
 */
export interface Engine {
  /**
   * Queues a task and returns the id of the task that stands for it: its own, or with `dedupe` that of an earlier one. Adding the same id
   * twice queues it once, so that a call whose answer was lost may be repeated. What is added in one stretch goes together.
   */
  add(task: NewTask): Promise<string>;
  /** The time by the clock of the store, by which all machines go: ms since 1970. */
  now(): number;
  /** Where a task is, and if it has ended, how. */
  look(id: string): Promise<Look>;
  /** What a task was submitted as; undefined if there is none. */
  find(id: string): Promise<Found | undefined>;
  /** Removes a task that waits. If it runs or has ended, nothing changes. */
  remove(id: string): Promise<'removed' | 'running' | 'gone'>;
  /** Asks the worker that runs the task, wherever it is, to abort it. It may get lost. */
  requestCancel(id: string, reason: WireError): Promise<void>;
  /** Starts to tell what happens to tasks, as it happens. What it tells is true, but it may miss something. */
  watch(listener: TaskListener): Promise<void>;
  /** Starts to take tasks and run them. */
  work(options: WorkOptions, run: (claim: Claim) => Promise<Ending>): Promise<Consumer>;
  /** Has a task queued again and again, or with undefined no longer. */
  schedule(id: string, schedule: EngineSchedule | undefined): Promise<boolean>;
  counts(): Promise<QueueCounts>;
  /** The names of the workers that are alive. */
  workers(): Promise<readonly string[]>;
  /** Ends all that was started, after its present step, and closes the connections. */
  close(): Promise<void>;
}

/** The greatest distance of a priority from 0. */
export const MAX_PRIORITY = 1_048_575;

/** A task on its way into the queue. */
export interface NewTask {
  readonly id: string;
  readonly name: string;
  readonly payload: Payload;
  /** An integer, {@link MAX_PRIORITY} from 0 at most; higher first, first in first out within one. */
  readonly priority: number;
  /** Milliseconds before it may start. */
  readonly delay?: number;
  /** While a task with this key waits or runs, or for `ttl` ms, another one is not queued. */
  readonly dedupe?: { readonly key: string; readonly ttl?: number };
}

/** What is stored of a task; JSON. */
export interface Payload extends Limits {
  readonly input?: unknown;
  /** Never run twice, not even in part. */
  readonly once?: true;
  /** Milliseconds of one run. */
  readonly timeout?: number;
}

export type Found = Pick<NewTask, 'id' | 'name' | 'payload'>;

export type Look = { readonly state: 'waiting' | 'unknown' } | { readonly state: 'ended'; readonly outcome: Outcome };

/** How a task has ended; JSON. */
export type Outcome =
  | { readonly ok: true; readonly name: string; readonly value?: unknown }
  | { readonly ok: false; readonly error: WireError };

/** What {@link Engine.watch} tells. */
export interface TaskListener {
  ended(id: string, outcome: Outcome): void;
  removed(id: string): void;
  progress(id: string, value: unknown): void;
}

/** A task that a worker has taken. */
export interface Claim {
  readonly id: string;
  readonly name: string;
  readonly payload: Payload;
  readonly priority: number;
  /** Runs that have failed and were to be repeated. */
  readonly failures: number;
  /** Runs that were lost with their workers. */
  readonly losses: number;
  /** How often any worker has taken it, this time included. */
  readonly claims: number;
  progress(value: unknown): Promise<void>;
}

/**
 * What becomes of a claim: it has ended; or it goes back into the queue, after `delay` ms, and that run counts or does not. One that this worker
 * cannot run is offered: a worker that accepts it need not wait for the delay.
 */
export type Ending =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  | { readonly kind: 'again'; readonly error: WireError; readonly delay: number }
  | { readonly kind: 'back'; readonly delay: number; readonly isOffered: boolean };

export interface WorkOptions {
  /** As {@link Engine.workers} has it. */
  readonly worker: string;
  /** Tasks at a time, 1 or more. */
  readonly concurrency: number;
  /** Tasks that may start, by all workers together. */
  readonly rate: { readonly limit: number; readonly interval: number } | undefined;
  /** A worker that has not been heard of for so long is dead: its tasks run elsewhere. */
  readonly lock: number;
  /** How often workers look for tasks of dead ones. */
  readonly lockCheck: number;
  /** A task that runs here is to be aborted. */
  cancel(id: string, reason: WireError): void;
  /** Whether a task that another worker cannot run could run here. */
  accepts(name: string): boolean;
  /** Tasks that run here were taken for lost, and are somebody else's now: what becomes of them here counts for nothing. */
  lost(ids: readonly string[]): void;
  /** The engine is in trouble; it goes on by itself. */
  error(error: unknown): void;
}

/** Takes tasks until it is stopped. */
export interface Consumer {
  setConcurrency(concurrency: number): void;
  /** Takes nothing new until {@link Consumer.resume}; claims go on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Takes nothing new; resolves when what it had taken has ended or gone back. */
  close(): Promise<void>;
}

/** When a task is queued by itself. */
export interface EngineSchedule {
  readonly name: string;
  readonly payload: Payload;
  readonly priority: number;
  readonly when: { readonly cron: string; readonly timeZone?: string } | { readonly every: number };
}

export interface QueueCounts {
  /** Tasks that wait for a worker. */
  readonly queued: number;
  /** Tasks that wait for their time: a `delay`, a backoff, a schedule. */
  readonly delayed: number;
  /** Tasks that a worker has taken. */
  readonly running: number;
  /** Results that are kept. */
  readonly completed: number;
  readonly failed: number;
}
