import type { OverloadVerdict, ScaleInput, TaskerEvents } from 'tasker';
import { describe, expect, it } from 'vitest';
import { start, watch } from '../support/harness.ts';
import type { Bench, BenchConfig } from '../support/harness.ts';

/** Tasks at a bottleneck that serves so many at a time: with `n` at once each takes `n ÷ cores` times as long. */
class Bottleneck {
  running = 0;
  most = 0;
  readonly bench: Bench;
  readonly #cores: number;
  readonly #ms: number;

  constructor(bench: Bench, cores: number, ms = 20) {
    this.bench = bench;
    this.#cores = cores;
    this.#ms = ms;
  }

  readonly task = async (): Promise<void> => {
    this.running++;
    this.most = Math.max(this.most, this.running);
    await this.bench.sleep(this.#ms * Math.max(1, this.running / this.#cores));
    this.running--;
  };

  /** So many tasks a second, evenly. */
  async load(perSecond: number, seconds: number): Promise<void> {
    for (let i = 0; i < perSecond * seconds; i++) {
      watch(this.bench.manager.queueTask(this.task));
      await this.bench.clock.advance(1000 / perSecond);
    }
  }

  /** A calm load, and then more than can be done. */
  async crowd(seconds = 20): Promise<void> {
    await this.load(40, 5);
    await this.load(200, seconds);
  }
}

const unpaid = ({ manager }: Bench): TaskerEvents['scaled'][] => {
  const log: TaskerEvents['scaled'][] = [];
  manager.on('scaled', (payload) => void (payload.reason === 'unpaid' && log.push(payload)));
  return log;
};

const crowded = (config: BenchConfig = {}): Promise<Bench> =>
  start({ workerCount: 2, maxWorkerCount: 16, fakes: { createDelay: 50 }, ...config });

class Refused extends Error {}

/** `checkHealth` of a manager whose other side refuses what is too much. */
const refusing = (error: unknown): boolean | OverloadVerdict => (error instanceof Refused ? { overload: true } : true);

/** A task that is refused after so many ms, once. */
const refusedOnce = ({ manager, sleep }: Bench, ms: number): void => {
  let runs = 0;
  watch(
    manager.queueTask(async () => {
      await sleep(ms);
      if (runs++ === 0) throw new Refused();
    }),
  );
};

/** A manager of 8 places that has been refused once and may run 6 tasks at once. */
const limited = async (config: BenchConfig = {}): Promise<Bench> => {
  const bench = await start({ workerCount: 8, scaling: 'off', checkHealth: refusing, ...config });
  for (let i = 0; i < 7; i++) watch(bench.manager.queueTask(bench.work(20)));
  watch(bench.manager.queueTaskOnce(() => bench.sleep(10).then(() => Promise.reject(new Refused()))));
  await bench.clock.advance(30);
  expect(bench.manager.metrics().concurrencyLimit).toBe(6);
  return bench;
};

describe('growth that must pay', () => {
  it('stops where more workers only slow each other down, and says so once', async () => {
    const bench = await crowded();
    const log = unpaid(bench);
    await new Bottleneck(bench, 2).crowd();
    expect(log[0]?.to).toBeLessThanOrEqual(4);
    expect(bench.manager.metrics().concurrencyLimit).toBeLessThanOrEqual(6); // a try may be under way
    expect(bench.manager.stats().activeWorkers).toBeLessThanOrEqual(6);
    expect(log.map(({ from }) => from)).toEqual([16]);
    expect(log[0]?.message).toMatch(/^from 16 to [34] workers: more get no more done than [\d.]+ tasks\/s$/);
    await bench.manager.kill();
  });

  it('gets as much done with the fewer', async () => {
    const done: number[] = [];
    for (const growthMustPay of [true, false]) {
      const bench = await crowded({ growthMustPay });
      await new Bottleneck(bench, 2).crowd();
      done.push(bench.manager.metrics().totalTasksCompleted);
      await bench.manager.kill();
    }
    const [fewer = 0, all = 0] = done;
    expect(fewer).toBeGreaterThan(0.98 * all);
  });

  it.each([
    ['growthMustPay is false', { growthMustPay: false }],
    ['a law of the user decides', { scaling: () => 16 }],
    ['scaling is off', { scaling: 'off' as const, workerCount: 16 }],
  ])('is not looked at where %s', async (_, config) => {
    const bench = await crowded(config);
    const log = unpaid(bench);
    await new Bottleneck(bench, 2).crowd();
    expect([bench.manager.metrics().concurrencyLimit, bench.manager.stats().activeWorkers, log]).toEqual([
      Infinity,
      16,
      [],
    ]);
    await bench.manager.kill();
  });

  it('limits tasks where several share a worker', async () => {
    const bench = await crowded({ workerCount: 1, maxWorkerCount: 4, tasksPerWorker: 4 });
    const log = unpaid(bench);
    const bottleneck = new Bottleneck(bench, 3);
    await bottleneck.crowd();
    bottleneck.most = 0;
    await bottleneck.load(200, 3);
    const { concurrencyLimit } = bench.manager.metrics();
    expect(concurrencyLimit).toBeGreaterThanOrEqual(4);
    expect(bottleneck.most).toBeLessThanOrEqual(concurrencyLimit * 1.5); // and what is tried
    expect(log[0]).toMatchObject({ from: 4, to: Math.ceil(concurrencyLimit / 4) });
    await bench.manager.kill();
  });

  it('leaves no timer and no limit when there is nothing to do any more', async () => {
    const bench = await crowded();
    await new Bottleneck(bench, 2).crowd(10);
    await bench.clock.advance(60_000);
    expect([bench.timers.armed, bench.manager.stats().queuedTasks, bench.manager.stats().activeWorkers]).toEqual([
      0, 0, 2,
    ]);
    expect(bench.manager.metrics().concurrencyLimit).toBe(Infinity);
    for (let i = 0; i < 16; i++) watch(bench.manager.queueTask(bench.work(5_000)));
    await bench.clock.advance(1_000);
    expect(bench.manager.stats().runningTasks).toBe(16);
  });

  it('begins anew after a resize', async () => {
    const bench = await crowded();
    const bottleneck = new Bottleneck(bench, 2);
    await bottleneck.crowd();
    const log = unpaid(bench);
    bench.manager.resize({ maxWorkerCount: 12, workerCount: 6 });
    expect(bench.manager.metrics().concurrencyLimit).toBe(Infinity);
    await bench.clock.advance(200);
    expect(bench.manager.stats().runningTasks).toBe(12);
    await bottleneck.load(200, 20);
    expect(log.map(({ from, to }) => [from, to])).toEqual([[12, 6]]);
    await bench.manager.kill();
  });

  it('strands no tasks that wait for tasks', async () => {
    const bench = await crowded();
    await new Bottleneck(bench, 2).crowd(8);
    const { manager, clock } = bench;
    expect(manager.metrics().concurrencyLimit).toBeLessThanOrEqual(6);
    const outer = Array.from({ length: 8 }, () => watch(manager.queueTask(() => manager.queueTask(bench.work(10)))));
    await clock.advance(120_000);
    expect(outer.map(({ state }) => state)).toEqual(Array(8).fill('fulfilled'));
  });

  it('tries no fewer for long where more than that run for hours', async () => {
    const bench = await crowded();
    const { manager, clock, work } = bench;
    for (let i = 0; i < 300; i++) {
      watch(manager.queueTask(work(20)));
      await clock.advance(25);
    }
    for (let i = 0; i < 8; i++) watch(manager.queueTask(work(7_200_000)));
    const before = manager.metrics().totalTasksCompleted;
    for (let second = 0; second < 120; second++) {
      for (let i = manager.stats().queuedTasks; i < 400; i++) watch(manager.queueTask(work(40)));
      await clock.advance(1_000);
    }
    expect((manager.metrics().totalTasksCompleted - before) / (120 * 8 * 25)).toBeGreaterThan(0.95);
    await manager.kill();
  });

  it('judges nothing by a time in which the computer slept', async () => {
    const bench = await crowded();
    const { manager, clock, timers, work } = bench;
    for (let i = 0; i < 220; i++) {
      watch(manager.queueTask(work(100)));
      await clock.advance(100);
    }
    let slept = 0;
    const now = timers.now.bind(timers);
    timers.now = () => now() + slept;
    let least = Infinity;
    for (let second = 0; second < 60; second++) {
      for (let i = manager.stats().queuedTasks; i < 400; i++) watch(manager.queueTask(work(100)));
      if (second === 5) slept = 3_600_000;
      await clock.advance(1_000);
      least = Math.min(least, manager.metrics().concurrencyLimit);
    }
    expect(least).toBe(Infinity);
    await manager.kill();
  });
});

describe('a refused task', () => {
  it.each([
    ['off', { scaling: 'off' as const, workerCount: 8, maxWorkerCount: 8 }],
    ['by a law of the user', { scaling: () => 8, workerCount: 8 }],
    ['automatic, but growth need not pay', { growthMustPay: false, workerCount: 8 }],
    ['automatic', { workerCount: 8 }],
  ])('lets fewer run at once, and more again later, where scaling is %s', async (_, config) => {
    const bench = await start({ maxWorkerCount: 8, checkHealth: refusing, ...config });
    refusedOnce(bench, 25);
    for (let i = 0; i < 20_000; i++) watch(bench.manager.queueTask(bench.work(50)));
    await bench.clock.advance(25);
    expect(bench.manager.metrics().concurrencyLimit).toBe(6);
    await bench.clock.advance(50);
    expect(bench.manager.stats().runningTasks).toBe(6);
    await bench.clock.advance(12_000);
    expect(bench.manager.stats().runningTasks).toBe(8);
    await bench.manager.kill();
  });

  it('says so where fewer workers have something to do', async () => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 8, targetWait: 0, checkHealth: refusing });
    const log = unpaid(bench);
    refusedOnce(bench, 25);
    for (let i = 0; i < 100; i++) watch(bench.manager.queueTask(bench.work(50)));
    await bench.clock.advance(25);
    expect(log.map(({ message }) => message)).toEqual([
      'from 8 to 6 workers: tasks were refused, since there were too many at once',
    ]);
    expect(log[0]?.input).toMatchObject({ refusals: 1, running: 8 });
    await bench.manager.kill();
  });
});

describe('a limit after a refusal', () => {
  it('is forgotten where no task may wait', async () => {
    const { manager, clock, work } = await limited({ maxQueueSize: 0 });
    await clock.advance(30_000);
    const all = Array.from({ length: 9 }, () => watch(manager.queueTask(work(20))));
    await clock.advance(100);
    expect(all.map(({ state }) => state)).toEqual([...Array(8).fill('fulfilled'), 'rejected']);
  });

  it('has a lazy manager make no worker beyond', async () => {
    const { manager, clock, work, fakes } = await limited({ lazy: true });
    await clock.advance(2_000);
    expect(manager.stats().activeWorkers).toBe(0);
    for (let i = 0; i < 60; i++) watch(manager.queueTask(work(1_000)));
    await clock.advance(5_000);
    expect([manager.stats().runningTasks, fakes.created]).toEqual([6, 8 + 6]);
    await manager.kill();
  });

  it('stays for a while where the tasks that run are long and one of `runTask` was refused', async () => {
    const bench = await start({ workerCount: 8, scaling: 'off', resourcePoolSize: 1, checkHealth: refusing });
    const { manager, clock } = bench;
    for (let i = 0; i < 20; i++) watch(manager.queueTask(bench.work(20_000)));
    await clock.advance(10_000);
    watch(manager.runTask(() => Promise.reject(new Refused())));
    await clock.advance(11_000);
    expect(manager.stats().runningTasks).toBe(6);
    await manager.kill();
  });

  it('leaves tasks beside leases, and leases alone fewer', async () => {
    const bench = await start({ workerCount: 8, scaling: 'off', checkHealth: refusing });
    const { manager, clock } = bench;
    const leases = await Promise.all(Array.from({ length: 7 }, () => manager.lease()));
    refusedOnce(bench, 20);
    const all = Array.from({ length: 20 }, () => watch(manager.queueTask(bench.work(50))));
    await clock.advance(1_500);
    expect(all.map(({ state }) => state)).toEqual(Array(20).fill('fulfilled'));
    await leases[0]?.release(new Refused());
    expect(manager.metrics().concurrencyLimit).toBe(5);
    for (const lease of leases.slice(1)) await lease.release();
  });

  it('is lowered no further by runs that began before', async () => {
    const bench = await start({ workerCount: 8, scaling: 'off', checkHealth: refusing });
    const { manager, clock } = bench;
    for (let i = 0; i < 8; i++) {
      refusedOnce(bench, 10_000);
      await clock.advance(1_100);
    }
    for (let i = 0; i < 20; i++) watch(manager.queueTask(bench.work(10_000)));
    await clock.advance(9_000);
    expect(manager.stats().runningTasks).toBe(6);
    await manager.kill();
  });

  it('is looked at while tasks wait, even if those before have gone at the last tick', async () => {
    const { manager, clock, sleep, work } = await limited();
    const nested: Promise<void>[] = [];
    const outer = Array.from({ length: 6 }, () =>
      watch(
        manager.queueTask(async () => {
          await sleep(100.1);
          const inner = manager.queueTask(work(1));
          nested.push(inner);
          await inner;
        }),
      ),
    );
    await clock.advance(0);
    const waiting = Array.from({ length: 6 }, () => watch(manager.queueTask(() => sleep(1))));
    await clock.advance(99.6); // the tick is due in 0.4 ms
    watch(manager.queueTask(() => sleep(1)));
    await clock.advance(0.2);
    expect(manager.clear()).toBe(7);
    await clock.advance(0.4);
    await clock.advance(120_000);
    expect([nested.length, waiting.length, outer.map(({ state }) => state)]).toEqual([
      6,
      6,
      Array(6).fill('fulfilled'),
    ]);
  });
});

describe('a Scaler of one’s own', () => {
  it('lets busy workers go after their present tasks, but never base workers', async () => {
    let answer = 8;
    const bench = await start({ workerCount: 3, maxWorkerCount: 8, scaling: () => answer });
    for (let i = 0; i < 100; i++) watch(bench.manager.queueTask(bench.work(500)));
    await bench.clock.advance(200);
    expect(bench.manager.stats().runningTasks).toBe(8);
    answer = 5;
    await bench.clock.advance(200);
    expect([bench.fakes.destroyed, bench.manager.stats().runningTasks]).toEqual([0, 8]);
    await bench.clock.advance(500);
    expect([bench.fakes.reasons, bench.manager.stats().runningTasks]).toEqual([Array(3).fill('resized'), 5]);
    answer = 0;
    await bench.clock.advance(1_000);
    expect([bench.manager.stats().baseWorkers, bench.manager.stats().runningTasks]).toEqual([3, 3]);
    await bench.manager.kill();
  });

  it('is told how many runs end a second, and how many are refused', async () => {
    let last: ScaleInput | undefined;
    const bench = await start({
      workerCount: 2,
      maxWorkerCount: 4,
      checkHealth: refusing,
      scaling: (input) => {
        last = input;
        return 2;
      },
    });
    for (let i = 0; i < 200; i++) watch(bench.manager.queueTask(bench.work(50)));
    await bench.clock.advance(1_990);
    expect(last).toMatchObject({ completionRate: expect.closeTo(40, -1), refusals: 0 });
    bench.manager.clear();
    for (let i = 0; i < 3; i++) refusedOnce(bench, 10);
    await bench.clock.advance(150);
    expect(last?.refusals).toBe(3);
    await bench.clock.advance(1_000);
    expect(last?.refusals).toBe(0);
    await bench.manager.kill();
  });
});
