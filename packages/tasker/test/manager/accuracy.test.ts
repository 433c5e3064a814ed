import { createTaskManager } from 'tasker';
import type { Clock, TaskManager, TaskManagerConfig, TaskOptions } from 'tasker';
import { VirtualClock } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { harness, watch } from '../support/harness.ts';

/** A clock on which code takes time, as it does in the world: a little for each reading, and as much as it says for what blocks. */
class BlockingClock implements Clock {
  readonly #virtual = new VirtualClock();
  #blocked = 0;

  /** Milliseconds that each reading takes. */
  static readonly READING = 0.0001;

  now(): number {
    this.#blocked += BlockingClock.READING;
    return this.#virtual.now() + this.#blocked;
  }

  setTimeout(fn: () => void, ms: number): unknown {
    return this.#virtual.setTimeout(fn, ms);
  }

  clearTimeout(handle: unknown): void {
    this.#virtual.clearTimeout(handle);
  }

  /** Keeps the only thread busy. */
  block(ms: number): void {
    this.#blocked += ms;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.setTimeout(resolve, ms));
  }

  /** Lets time pass until `work` is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    const outcome = watch(work);
    for (let i = 0; i < 100_000 && outcome.state === 'pending'; i++) await this.#virtual.advance(1);
    return work;
  }
}

/** What one task really waited and ran, in ms. */
interface Truth {
  readonly waited: number[];
  readonly ran: number[];
}

type Load = (
  run: (work: () => unknown, options?: TaskOptions) => Promise<unknown>,
  clock: BlockingClock,
  random: () => number,
) => Promise<unknown>;

/** The same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const clients = (count: number, tasks: number, one: (n: number) => Promise<unknown>): Promise<unknown> => {
  let left = tasks;
  const client = async (): Promise<void> => {
    while (left-- > 0) await one(left);
  };
  return Promise.all(Array.from({ length: count }, client));
};

const nothing = (): void => {};

/** Each pattern of work: who submits when, and what blocks for how long. */
const PATTERNS: Record<string, Load> = {
  'many at once, which do nothing': (run) => Promise.all(Array.from({ length: 5_000 }, () => run(nothing))),
  'many at once, which block a little': (run, clock) =>
    Promise.all(Array.from({ length: 2_000 }, () => run(() => clock.block(0.05)))),
  'many at once, of which few block for long': (run, clock, random) =>
    Promise.all(Array.from({ length: 3_000 }, () => run(() => void (random() < 0.01 && clock.block(20))))),
  'many at once, submitted by a client that blocks between': (run, clock) => {
    const all: Promise<unknown>[] = [];
    for (let i = 0; i < 2_000; i++) {
      all.push(run(nothing));
      if (i % 100 === 0) clock.block(3);
    }
    return Promise.all(all);
  },
  'many at once, which wait': (run, clock) => Promise.all(Array.from({ length: 500 }, () => run(() => clock.sleep(5)))),
  'one client, whose tasks do nothing': (run) => clients(1, 3_000, () => run(nothing)),
  'one client that blocks between two tasks': (run, clock) =>
    clients(1, 2_000, async () => {
      await run(nothing);
      clock.block(0.5);
    }),
  'many clients, whose tasks do nothing': (run) => clients(64, 8_000, () => run(nothing)),
  'many clients, whose tasks block': (run, clock) => clients(64, 4_000, () => run(() => clock.block(0.2))),
  'many clients, one of a hundred tasks blocks for long': (run, clock) =>
    clients(64, 6_000, (n) => run(() => void (n % 100 === 0 && clock.block(30)))),
  'many clients that block now and then': (run, clock) =>
    clients(64, 6_000, async (n) => {
      await run(nothing);
      if (n % 50 === 0) clock.block(10);
    }),
  'many clients, tasks that block before they wait': (run, clock, random) =>
    clients(32, 1_500, () =>
      run(async () => {
        clock.block(random());
        await clock.sleep(2);
      }),
    ),
  'many clients, tasks that wait before they block': (run, clock, random) =>
    clients(32, 1_500, () =>
      run(async () => {
        await clock.sleep(2);
        clock.block(random());
      }),
    ),
  'bursts of priorities, with blocking tasks among them': async (run, clock, random) => {
    for (let burst = 0; burst < 20; burst++) {
      const one = (): Promise<unknown> =>
        run(() => void (random() < 0.1 && clock.block(2)), { priority: Math.floor(random() * 4) });
      await Promise.all(Array.from({ length: 150 }, one));
      clock.block(1);
    }
  },
  'keys that take turns, with long and short tasks': (run, clock, random) =>
    Promise.all(
      Array.from({ length: 2_000 }, (_, i) => run(() => clock.block(random() < 0.5 ? 0.01 : 1), { key: `k${i % 7}` })),
    ),
};

async function measure(
  load: Load,
  config: Partial<TaskManagerConfig<object>>,
): Promise<{ truth: Truth; manager: TaskManager<object> }> {
  const clock = new BlockingClock();
  const manager = await createTaskManager<object>({
    onCreate: () => ({}),
    onDestroy: nothing,
    workerCount: 4,
    maxWorkerCount: 8,
    resourcePoolSize: 0,
    clock,
    ...config,
  });
  const truth: Truth = { waited: [], ran: [] };
  const run = async (work: () => unknown, options?: TaskOptions): Promise<unknown> => {
    const queuedAt = clock.now();
    return manager.queueTask(() => {
      const startedAt = clock.now();
      truth.waited.push(startedAt - queuedAt);
      const result = work();
      if (!(result instanceof Promise)) {
        truth.ran.push(clock.now() - startedAt);
        return undefined;
      }
      return result.then(() => void truth.ran.push(clock.now() - startedAt));
    }, options);
  };
  await clock.until(load(run, clock, numbers(7)));
  return { truth, manager };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? 0;

/** What the readings of the clock between the true instant and ours may add, in ms. */
const READINGS = 20 * BlockingClock.READING;

function within(measured: number, truth: number, part: number): void {
  expect(Math.abs(measured - truth)).toBeLessThanOrEqual(part * truth + READINGS);
}

describe.each([
  ['as it is', {}],
  [
    'with a health check, listeners and a limit of time',
    { checkHealth: () => true, timeout: 60_000, on: { completed: nothing } },
  ],
] as const)('the times that metrics() tells, %s,', (_, config) => {
  for (const [name, load] of Object.entries(PATTERNS)) {
    it(`are right for ${name}`, async () => {
      const { truth, manager } = await measure(load, config);
      const metrics = manager.metrics();
      expect(metrics.totalTasksCompleted).toBe(truth.ran.length);
      within(metrics.averageWaitTime, mean(truth.waited), 0.01);
      within(metrics.p99WaitTime, p99(truth.waited), 0.02);
      within(metrics.averageExecutionTime, mean(truth.ran), 0.001);
      within(metrics.maxExecutionTime, Math.max(...truth.ran), 0);
      within(metrics.p99ExecutionTime, p99(truth.ran), 0.02);
      await manager.kill();
    });
  }
});

describe('the instant of a submission', () => {
  it.each(['queueTask', 'prioritize', 'resume', 'resize'] as const)(
    'is that of its own synchronous stretch, however many tasks wait: after %s',
    async (what) => {
      const { manage, clock, work } = harness();
      const manager = await manage({ maxWorkerCount: 1 });
      const [first] = Array.from({ length: 1_000 }, () => manager.submit(work(3_000)));
      await clock.advance(0);
      const last = manager.submit(work(1));
      await clock.advance(1_000);
      if (what === 'queueTask') watch(manager.queueTask(work(1)));
      if (what === 'prioritize') last.priority = 2;
      if (what === 'resume') {
        manager.pause();
        manager.resume();
      }
      if (what === 'resize') manager.resize({ maxWorkerCount: 2 });
      const next = watch(manager.queueTask(() => 'in time', { priority: 9, queueTimeout: 2_500 }));
      await clock.advance(2_001);
      expect([first?.state, next.value]).toEqual(['completed', 'in time']);
    },
  );
});
