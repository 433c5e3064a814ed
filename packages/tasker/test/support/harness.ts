import { createTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import type { FakeResource, FakeResources, FakeResourcesOptions } from 'tasker/testing';
import { expect, onTestFinished } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { OwnTimers } from './own-timers.ts';
import { failIfUnhandled } from './unhandled.ts';

/** How a promise stands, kept up to date. */
export interface Outcome<T = unknown> {
  state: 'pending' | 'fulfilled' | 'rejected';
  value?: T;
  error?: unknown;
  /** How often it settled: 0 or 1, unless it is a broken thenable. */
  settlements: number;
}

/** Watches a promise from now on, so that its rejection is never unhandled. */
export function watch<T>(promise: PromiseLike<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: 'pending', settlements: 0 };
  const settle = (end: Partial<Outcome<T>>): void => {
    Object.assign(outcome, end);
    outcome.settlements++;
  };
  promise.then(
    (value) => settle({ state: 'fulfilled', value }),
    (error: unknown) => settle({ state: 'rejected', error }),
  );
  return outcome;
}

/** The code of the error that a promise was rejected with; undefined if it was not, or with something else. */
export function code(outcome: Outcome): string | undefined {
  return (outcome.error as { code?: string } | undefined)?.code;
}

/** How a promise stands, in a word: `fulfilled`, `pending`, or the code of its error, or else its name. */
export function word(outcome: Outcome): string {
  if (outcome.state !== 'rejected') return outcome.state;
  const { code, name } = outcome.error as { code?: unknown; name: string };
  return typeof code === 'string' ? code : name;
}

type Config = Partial<TaskManagerConfig<FakeResource>>;

/** What a manager under test is given. */
export interface Harness {
  readonly clock: VirtualClock;
  /** The manager's clock. */
  readonly timers: OwnTimers;
  readonly fakes: FakeResources;
  /** A configuration of one worker and no pool, unless `overrides` say otherwise. */
  readonly config: (overrides?: Config) => TaskManagerConfig<FakeResource>;
  /** Starts a manager, and lets time pass until it is there. It is stopped and checked after the test. */
  readonly manage: (overrides?: Config) => Promise<TaskManager<FakeResource>>;
  /** Also stops and checks a manager that the test has started by itself. */
  readonly adopt: (manager: TaskManager<FakeResource>) => TaskManager<FakeResource>;
  /** Lets promises settle without time passing. */
  readonly settle: () => Promise<void>;
  /** A promise that resolves after `ms` virtual milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
  /** A task that uses the resource it gets for `ms`, whatever its signal says. */
  readonly work: (ms: number) => (resource: FakeResource) => Promise<void>;
}

/** A harness with a manager on it. */
export interface Bench extends Harness {
  readonly manager: TaskManager<FakeResource>;
}

export type BenchConfig = Config & { fakes?: FakeResourcesOptions };

/** A virtual clock and fake resources on it. After the test every manager is stopped; nothing may be left. */
export function harness(options: FakeResourcesOptions = {}): Harness {
  const clock = new VirtualClock();
  const timers = new OwnTimers(clock);
  const fakes = fakeResources({ ...options, clock });
  const managers: TaskManager<FakeResource>[] = [];
  let armedAtEnd: number | undefined;
  const noteEnd = (): void => void (armedAtEnd = timers.armed);

  const config: Harness['config'] = (overrides = {}) => ({
    ...fakes,
    workerCount: 1,
    resourcePoolSize: 0,
    clock: timers,
    ...overrides,
  });
  const adopt: Harness['adopt'] = (manager) => {
    if (manager.stats().state === 'stopped') noteEnd();
    else manager.on('stopped', noteEnd);
    managers.push(manager);
    return manager;
  };
  const manage: Harness['manage'] = async (overrides) => {
    const starting = createTaskManager(config(overrides));
    const outcome = watch(starting);
    await clock.advance(0);
    for (let i = 0; outcome.state === 'pending' && i < 1_000; i++) await clock.advance(10);
    if (outcome.state === 'pending') throw new Error('the manager did not start within 10 s of virtual time');
    return adopt(await starting);
  };

  failIfUnhandled();
  onTestFinished(async () => {
    for (const manager of managers) {
      const stopping = watch(manager.stop());
      await clock.runAll();
      expect(stopping.state, 'the manager stops at the end of the test').toBe('fulfilled');
      const { activeWorkers, startingWorkers, queuedTasks, priorityTasks, runningTasks } = manager.stats();
      const left = { activeWorkers, startingWorkers, queuedTasks, priorityTasks, runningTasks };
      expect(
        Object.entries(left).filter(([, count]) => count > 0),
        'what the manager has left',
      ).toEqual([]);
    }
    await clock.runAll();
    // What a creation brings that came too late is destroyed whenever it comes, and that is bounded by a timer.
    if (managers.length > 0 && !fakes.reasons.includes('late')) {
      expect(armedAtEnd, 'timers of the manager when it says that it has stopped').toBe(0);
    }
    expect(timers.armed, 'timers of the manager after its shutdown').toBe(0);
    expect(clock.pending, 'timers of anybody after the shutdown').toBe(0);
    expect(fakes.violations, 'misuse of resources').toEqual([]);
    expect(fakes.destroyed, 'every resource made was destroyed').toBe(fakes.created);
  });

  return {
    clock,
    timers,
    fakes,
    config,
    manage,
    adopt,
    settle: () => clock.advance(0),
    sleep: (ms) => new Promise((resolve) => void clock.setTimeout(resolve, ms)),
    work: (ms) => (resource) => resource.work(ms),
  };
}

/** Starts a manager on a harness of its own; `fakes` says what its resources are like. */
export async function start({ fakes, ...config }: BenchConfig = {}): Promise<Bench> {
  const bench = harness(fakes);
  return { ...bench, manager: await bench.manage(config) };
}

/** A bench whose first worker is busy until `open()`, or until the test has ended. */
export async function startBusy(config: BenchConfig = {}) {
  const bench = await start({ scaling: 'off', ...config });
  const { promise, resolve } = deferred<void>();
  const first = watch(bench.manager.queueTask(() => promise));
  onTestFinished(() => resolve()); // before the manager is stopped: the last is called first
  await bench.settle();
  return { ...bench, first, open: () => resolve() };
}
