import { afterEach, expect } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { TaskManager, TaskManagerConfig } from '../../src/index.ts';
import { VirtualClock, fakeResources } from '../../src/testing/index.ts';
import type { FakeResource, FakeResources, FakeResourcesOptions } from '../../src/testing/index.ts';

/** How a promise stands; updated when it settles. */
export interface Outcome<T> {
  state: 'pending' | 'fulfilled' | 'rejected';
  value?: T;
  error?: unknown;
}

/** Watches a promise, so that it is handled and its state can be read. */
export function watch<T>(promise: PromiseLike<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: 'pending' };
  promise.then(
    (value) => Object.assign(outcome, { state: 'fulfilled', value }),
    (error: unknown) => Object.assign(outcome, { state: 'rejected', error }),
  );
  return outcome;
}

/** What a manager under test is given, and everything it left behind. */
export interface Harness {
  readonly clock: VirtualClock;
  readonly fakes: FakeResources;
  /** The configuration that {@link start} uses: one base worker, no pool, unless `overrides` say otherwise. */
  readonly config: (overrides?: Partial<TaskManagerConfig<FakeResource>>) => TaskManagerConfig<FakeResource>;
  /** Starts a manager; lets time pass until its first resources are there. It is stopped and checked after the test. */
  readonly start: (overrides?: Partial<TaskManagerConfig<FakeResource>>) => Promise<TaskManager<FakeResource>>;
  /** Also stops and checks a manager that the test has started by itself. */
  readonly adopt: (manager: TaskManager<FakeResource>) => TaskManager<FakeResource>;
}

/** More time than any manager here needs to end. */
const LONG = 200_000;

interface Tracked {
  readonly clock: VirtualClock;
  readonly fakes: FakeResources;
  readonly managers: TaskManager<FakeResource>[];
}

const tracked: Tracked[] = [];

/** A virtual clock and fake resources on it. After the test every manager is stopped; nothing may be left. */
export function harness(options: Omit<FakeResourcesOptions, 'clock'> = {}): Harness {
  const clock = new VirtualClock();
  const fakes = fakeResources({ ...options, clock });
  const managers: TaskManager<FakeResource>[] = [];
  tracked.push({ clock, fakes, managers });
  const config: Harness['config'] = (overrides) => ({
    ...fakes,
    workerCount: 1,
    resourcePoolSize: 0,
    clock,
    ...overrides,
  });
  const adopt: Harness['adopt'] = (manager) => {
    managers.push(manager);
    return manager;
  };
  return {
    clock,
    fakes,
    config,
    adopt,
    start: async (overrides) => {
      const starting = createTaskManager(config(overrides));
      const outcome = watch(starting);
      await clock.advance(0);
      for (let i = 0; outcome.state === 'pending' && i < 1_000; i++) await clock.advance(10);
      if (outcome.state === 'pending') throw new Error('the manager did not start within 10 s of virtual time');
      return adopt(await starting);
    },
  };
}

async function finish({ clock, fakes, managers }: Tracked): Promise<void> {
  for (const manager of managers) {
    watch(manager.stop());
    await clock.advance(LONG);
    expect(['stopped', 'killed'], 'the manager did not stop').toContain(manager.stats().state);
    const { activeWorkers, startingWorkers, queuedTasks, priorityTasks, runningTasks } = manager.stats();
    expect({ activeWorkers, startingWorkers, queuedTasks, priorityTasks, runningTasks }).toEqual({
      activeWorkers: 0,
      startingWorkers: 0,
      queuedTasks: 0,
      priorityTasks: 0,
      runningTasks: 0,
    });
  }
  await clock.advance(0);
  expect(clock.pending, 'a timer was left').toBe(0);
  expect(fakes.violations).toEqual([]);
  expect(fakes.destroyed, 'resources destroyed').toBe(fakes.created);
}

afterEach(async () => {
  for (const one of tracked.splice(0)) await finish(one);
});
