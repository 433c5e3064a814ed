import { createTaskManager } from 'tasker';
import type { Clock, TaskManager, TaskManagerConfig } from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import type { FakeResource, FakeResources, FakeResourcesOptions, VirtualTimer } from 'tasker/testing';
import { afterEach, expect } from 'vitest';

/** How a promise stands, kept up to date. */
export interface Outcome<T = unknown> {
  state: 'pending' | 'fulfilled' | 'rejected';
  value?: T;
  error?: unknown;
  /** How often it settled: 0 or 1, unless it is a broken thenable. */
  settlements: number;
}

/** Watches a promise from now on, so that its rejection is never unhandled. */
export function outcome<T>(promise: PromiseLike<T>): Outcome<T> {
  const result: Outcome<T> = { state: 'pending', settlements: 0 };
  const settle = (end: Partial<Outcome<T>>): void => {
    Object.assign(result, end);
    result.settlements++;
  };
  promise.then(
    (value) => settle({ state: 'fulfilled', value }),
    (error: unknown) => settle({ state: 'rejected', error }),
  );
  return result;
}

/** The code of the error that a promise was rejected with; undefined if it was not, or with something else. */
export function code(result: Outcome): string | undefined {
  return (result.error as { code?: string } | undefined)?.code;
}

/** A clock for a manager under test that knows which timers are the manager's own, and not those of hooks and tasks. */
export class OwnTimers implements Clock {
  readonly #clock: VirtualClock;
  readonly #armed = new Set<unknown>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Timers of the manager that are armed. */
  get armed(): number {
    return this.#armed.size;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(fn: () => void, ms: number): VirtualTimer {
    const timer = this.#clock.setTimeout(() => {
      this.#armed.delete(timer);
      fn();
    }, ms);
    if (ms < Infinity) this.#armed.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#armed.delete(handle);
    this.#clock.clearTimeout(handle);
  }
}

/** A manager under test, and what is around it. */
export interface Bench {
  readonly clock: VirtualClock;
  readonly timers: OwnTimers;
  readonly fakes: FakeResources;
  readonly manager: TaskManager<FakeResource>;
  /** Timers of the manager that were armed when it said that it had stopped; undefined before. */
  armedAtEnd: number | undefined;
  /** Lets promises settle without time passing. */
  readonly settle: () => Promise<void>;
  /** A promise that resolves after `ms` virtual milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** A task that uses the resource it gets for `ms`, whatever its signal says. */
  readonly work: (ms: number) => (resource: FakeResource) => Promise<void>;
}

export type BenchConfig = Partial<TaskManagerConfig<FakeResource>> & { fakes?: FakeResourcesOptions };

/** What must be true of every manager that a test leaves behind. */
async function inspectRemains(bench: Bench): Promise<void> {
  const { manager, clock, fakes, timers } = bench;
  if (manager.stats().state !== 'stopped' && manager.stats().state !== 'killed') {
    const stopping = outcome(manager.stop());
    await clock.runAll();
    expect(stopping.state, 'the manager stops at the end of the test').toBe('fulfilled');
  }
  await clock.runAll();
  // What a creation brings that came too late is destroyed whenever it comes, and that is bounded by a timer.
  if (!fakes.reasons.includes('late')) expect(bench.armedAtEnd, 'timers of the manager at its end').toBe(0);
  expect(timers.armed, 'timers of the manager after its shutdown').toBe(0);
  expect(clock.pending, 'timers of anybody after the shutdown').toBe(0);
  expect(fakes.violations, 'misuse of resources').toEqual([]);
  expect(fakes.destroyed, 'every resource made was destroyed').toBe(fakes.created);
}

/**
 * To be called once in a test file: gives a function that starts a manager on a virtual clock with fake resources,
 * and checks after each test that nothing of it is left.
 */
export function benches(): (config?: BenchConfig) => Promise<Bench> {
  const open: Bench[] = [];
  afterEach(async () => {
    for (const bench of open.splice(0)) await inspectRemains(bench);
  });
  return async (config = {}) => {
    const { fakes: options, ...rest } = config;
    const clock = new VirtualClock();
    const timers = new OwnTimers(clock);
    const fakes = fakeResources({ ...options, clock });
    const starting = createTaskManager<FakeResource>({
      ...fakes,
      workerCount: 1,
      maxWorkerCount: rest.workerCount ?? 1,
      resourcePoolSize: 0,
      ...rest,
      clock: timers,
    });
    await clock.runAll();
    const manager = await starting;
    const bench: Bench = {
      clock,
      timers,
      fakes,
      manager,
      armedAtEnd: undefined,
      settle: () => clock.advance(0),
      sleep: (ms) => new Promise((resolve) => void clock.setTimeout(resolve, ms)),
      work: (ms) => (resource) => resource.work(ms),
    };
    manager.on('stopped', () => (bench.armedAtEnd = timers.armed));
    open.push(bench);
    return bench;
  };
}

/** A promise and the functions that settle it. */
export function gate<T = void>(): {
  promise: Promise<T>;
  open: (value: T) => void;
  fail: (error: unknown) => void;
} {
  let open!: (value: T) => void; // assigned by the constructor below
  let fail!: (error: unknown) => void; // likewise
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** An error that makes `checkHealth: sickIfSo` call the resource sick. */
export const SICK: Error = new Error('the resource is sick');

/** A `checkHealth` for tests: sick exactly for {@link SICK}. */
export const sickIfSo = (error: unknown): boolean => error !== SICK;
