import fc from '../support/fast-check.ts';
import type { ScaleInput, TaskerEvents } from 'tasker';
import { describe, expect, it } from 'vitest';
import { SICK, sickIfSo } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';
import type { Bench } from '../support/harness.ts';

/** Writes down every change of the number of workers. */
function recordScaling({ manager }: Bench): TaskerEvents['scaled'][] {
  const log: TaskerEvents['scaled'][] = [];
  manager.on('scaled', (payload) => log.push(payload));
  return log;
}

const inShort = (scaled: readonly TaskerEvents['scaled'][]): string[] =>
  scaled.map(({ from, to, reason }) => `${from} to ${to}: ${reason}`);

/** Submits `count` tasks that take `ms` each. */
function burst({ manager, work }: Bench, count: number, ms: number): void {
  for (let i = 0; i < count; i++) watch(manager.queueTask(work(ms)));
}

describe('idleTimeout', () => {
  it('counts for each worker from the end of its own last task', async () => {
    const bench = await start({ maxWorkerCount: 4, targetWait: 0, idleTimeout: 1_000 });
    const times: number[] = [];
    bench.manager.on('resourceDestroyed', () => times.push(bench.clock.now()));
    for (const ms of [30, 40, 70, 200]) burst(bench, 1, ms);
    await bench.clock.advance(3_000);
    const first = times[0] ?? 0;
    expect(times.map((time) => time - first)).toEqual([0, 10, 40]);
  });
});

describe('a law of the user', () => {
  it('is asked whenever a task has ended and others wait', async () => {
    const asked: number[] = [];
    const bench = await start({
      maxWorkerCount: 2,
      burstInterval: 10_000,
      scaling: ({ now }) => {
        asked.push(now);
        return 1;
      },
    });
    burst(bench, 3, 0.25);
    burst(bench, 2, 10);
    await bench.clock.advance(5);
    expect(new Set(asked)).toEqual(new Set([0, 0.25, 0.5, 0.75]));
  });

  it('is told how many tasks of the queue run: those of runTask need no worker', async () => {
    const inputs: ScaleInput[] = [];
    const bench = await start({
      maxWorkerCount: 2,
      resourcePoolSize: 1,
      scaling: (input) => {
        inputs.push(input);
        return 1;
      },
    });
    for (let i = 0; i < 3; i++) watch(bench.manager.runTask(bench.work(5)));
    await bench.clock.advance(50);
    burst(bench, 2, 10);
    await bench.clock.advance(0);
    expect(inputs.at(-1)).toMatchObject({ running: 1, queued: 1, idle: 0 });
    await bench.clock.advance(500);
    expect(inputs.at(-1)).toMatchObject({ running: 0, queued: 0, idle: 1, oldestWait: 0 });
  });

  it('alone says when a worker goes: idleTimeout does not', async () => {
    const bench = await start({ maxWorkerCount: 3, idleTimeout: 100, scaling: () => 3 });
    burst(bench, 9, 10);
    await bench.clock.advance(10_000);
    expect([bench.fakes.created, bench.fakes.destroyed]).toEqual([3, 0]);
  });
});

describe('the limit', () => {
  it('is never exceeded, workers being started and destroyed included, whatever the load and the trouble', async () => {
    const wave = fc.record({
      tasks: fc.nat({ max: 30 }),
      ms: fc.nat({ max: 80 }),
      sick: fc.nat({ max: 3 }),
      gap: fc.nat({ max: 400 }),
    });
    const scenario = fc.record({
      workerCount: fc.integer({ min: 1, max: 4 }),
      extra: fc.nat({ max: 5 }),
      createDelay: fc.nat({ max: 150 }),
      destroyDelay: fc.nat({ max: 150 }),
      targetWait: fc.constantFrom(0, 20, 100),
      idleTimeout: fc.nat({ max: 200 }),
      failing: fc.integer({ min: 2, max: 6 }),
      waves: fc.array(wave, { minLength: 1, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ workerCount, extra, createDelay, destroyDelay, failing, waves, ...rest }) => {
        const maxWorkerCount = workerCount + extra;
        const { manager, clock, timers, fakes } = await start({
          fakes: { createDelay, destroyDelay, failCreate: (n) => n > workerCount && n % failing === 0 },
          ...rest,
          workerCount,
          maxWorkerCount,
          checkHealth: sickIfSo,
          createBackoff: () => 20,
        });
        for (const { tasks, ms, sick, gap } of waves) {
          for (let i = 0; i < tasks; i++) watch(manager.queueTask((resource) => resource.work(ms)));
          for (let i = 0; i < sick; i++) watch(manager.queueTask(() => Promise.reject(SICK)));
          await clock.advance(gap);
          const { activeWorkers, startingWorkers } = manager.stats();
          expect(activeWorkers + startingWorkers).toBeLessThanOrEqual(maxWorkerCount);
        }
        watch(manager.stop());
        await clock.runAll();
        expect(fakes.peak).toBeLessThanOrEqual(maxWorkerCount);
        expect([fakes.violations, fakes.destroyed, timers.armed]).toEqual([[], fakes.created, 0]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the growth of the number of workers', () => {
  it('is at once on a backlog, without waiting for the next tick', async () => {
    const bench = await start({
      maxWorkerCount: 10,
      burstInterval: 10_000,
      targetWait: 100,
      fakes: { createDelay: 20 },
    });
    const { manager, settle, clock } = bench;
    burst(bench, 1, 50);
    await clock.advance(50);
    burst(bench, 100, 50);
    await settle();
    expect(manager.stats()).toMatchObject({ activeWorkers: 1, startingWorkers: 9 });
    await clock.runAll();
  });

  it('follows the arrivals: as many workers as they keep busy', async () => {
    const bench = await start({ maxWorkerCount: 20 });
    const scaled = recordScaling(bench);
    const { manager, clock } = bench;
    for (let i = 0; i < 300; i++) {
      burst(bench, 1, 50);
      await clock.advance(10); // 100 tasks a second of 50 ms: five workers are busy
    }
    const { activeWorkers, queuedTasks } = manager.stats();
    expect(activeWorkers).toBeGreaterThanOrEqual(5);
    expect(activeWorkers).toBeLessThanOrEqual(8);
    expect(queuedTasks).toBeLessThanOrEqual(1);
    expect(scaled.length).toBeGreaterThan(0);
  });

  it('goes on when a creation ends, if there is still more to do', async () => {
    const bench = await start({ maxWorkerCount: 4, burstInterval: 10_000, fakes: { createDelay: 30 } });
    const scaled = recordScaling(bench);
    burst(bench, 1, 1_000);
    await bench.clock.advance(1_000);
    burst(bench, 2, 1_000);
    await bench.clock.advance(15);
    burst(bench, 8, 1_000);
    await bench.clock.advance(100);
    expect(bench.manager.stats().activeWorkers).toBe(4);
    expect(scaled.at(-1)?.to).toBe(4);
  });

  it('counts retries as arrivals, and failures as ended', async () => {
    let input: ScaleInput | undefined;
    const { manager, clock } = await start({
      maxWorkerCount: 2,
      maxRetries: 20,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
      scaling: (seen) => {
        input = seen;
        return 1;
      },
    });
    for (let i = 0; i < 2; i++) {
      watch(manager.queueTask((resource) => resource.work(50).then(() => Promise.reject(SICK))));
    }
    await clock.advance(1_500);
    expect(input?.serviceTime).toBeCloseTo(50, -1);
    expect(input?.arrivalRate).toBeGreaterThanOrEqual(17);
  });
});

describe('a queue that waits', () => {
  it('starts nobody if it drains before help would arrive', async () => {
    const bench = await start({ workerCount: 5, maxWorkerCount: 50, fakes: { createDelay: 150 } });
    for (let i = 0; i < 20; i++) {
      burst(bench, 50, 2);
      await bench.clock.advance(2_500);
    }
    expect([bench.fakes.created, bench.manager.metrics().totalTasksCompleted]).toEqual([5, 1_000]);
  });

  it('starts nobody if it would drain within targetWait, however quick a creation is', async () => {
    const bench = await start({ maxWorkerCount: 10, targetWait: 200 });
    burst(bench, 2, 20);
    await bench.clock.advance(2_000);
    burst(bench, 7, 20);
    await bench.clock.advance(2_000);
    expect(bench.fakes.created).toBe(1);
    burst(bench, 30, 20);
    await bench.settle();
    expect(bench.fakes.attempts).toBeGreaterThan(1);
  });

  it('gets a worker for each of its tasks with targetWait 0', async () => {
    const bench = await start({ maxWorkerCount: 10, targetWait: 0, fakes: { createDelay: 50 } });
    const scaled = recordScaling(bench);
    burst(bench, 6, 1_000);
    await bench.settle();
    expect(bench.manager.stats()).toMatchObject({ activeWorkers: 1, startingWorkers: 5 });
    await bench.clock.advance(50);
    expect(bench.manager.stats()).toMatchObject({ activeWorkers: 6, startingWorkers: 0, queuedTasks: 0 });
    expect(inShort(scaled)).toEqual(['1 to 6: backlog']);
  });

  it('gets one with targetWait 0 also for a task that comes in the instant in which another has started', async () => {
    const bench = await start({ maxWorkerCount: 10, targetWait: 0 });
    for (let i = 0; i < 8; i++) {
      burst(bench, 1, 1_000);
      await bench.settle();
    }
    expect([bench.manager.stats().activeWorkers, bench.manager.stats().runningTasks]).toEqual([8, 8]);
  });

  it('gets one with targetWait 0 also for a task that comes in the instant in which another was cancelled', async () => {
    const bench = await start({ maxWorkerCount: 2, targetWait: 0, createTimeout: 50, fakes: { createDelay: 10 } });
    burst(bench, 1, 1_000);
    await bench.settle();
    for (let i = 0; i < 3; i++) {
      const controller = new AbortController();
      watch(bench.manager.queueTask(bench.work(1_000), { signal: controller.signal }));
      await bench.settle();
      controller.abort();
    }
    await bench.clock.advance(10);
    burst(bench, 2, 1_000);
    await bench.settle();
    expect(bench.manager.stats()).toMatchObject({ activeWorkers: 2, runningTasks: 2, queuedTasks: 1 });
  });

  it('gets one with targetWait 0 also after a validation', async () => {
    const bench = await start({ maxWorkerCount: 4, targetWait: 0, validate: () => true, validateAfter: 0 });
    for (let i = 0; i < 4; i++) {
      burst(bench, 1, 1_000);
      await bench.settle();
    }
    expect([bench.manager.stats().activeWorkers, bench.manager.stats().runningTasks]).toEqual([4, 4]);
  });
});

describe('when the oldest task has waited longer than help takes to come, and nobody is starting,', () => {
  it('the number grows by half, and again', async () => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 8, targetWait: 100, fakes: { createDelay: 10 } });
    for (let i = 0; i < 1_000; i++) watch(bench.manager.queueTask(() => bench.clock.now())); // what is known is wrong
    await bench.clock.advance(100);
    const scaled = recordScaling(bench);
    burst(bench, 20, 60_000);
    await bench.clock.advance(100);
    expect(bench.manager.stats().activeWorkers + bench.manager.stats().startingWorkers).toBe(2);
    await bench.clock.advance(400);
    expect(inShort(scaled)).toEqual(['2 to 3: starved', '3 to 5: starved', '5 to 8: starved']);
    await bench.manager.kill();
  });

  it('nobody waits longer than W and one tick while there is room and nobody is starting', async () => {
    const wave = fc.record({
      tasks: fc.nat({ max: 12 }),
      ms: fc.integer({ min: 1, max: 3_000 }),
      gap: fc.nat({ max: 800 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(wave, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(0, 30, 250),
        async (waves, createDelay) => {
          const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 12, fakes: { createDelay } });
          const waiting = new Map<number, number>();
          let id = 0;
          const W = Math.max(100, createDelay);
          const pass = async (ms: number): Promise<void> => {
            for (let passed = 0; passed < ms; passed += 25) {
              await clock.advance(25);
              const { activeWorkers, startingWorkers } = manager.stats();
              if (activeWorkers + startingWorkers === 12 || startingWorkers > 0) continue;
              for (const since of waiting.values()) expect(clock.now() - since).toBeLessThanOrEqual(W + 100);
            }
          };
          for (const { tasks, ms, gap } of waves) {
            for (let i = 0; i < tasks; i++) {
              const mine = ++id;
              waiting.set(mine, clock.now());
              watch(
                manager.queueTask((resource) => {
                  waiting.delete(mine);
                  return resource.work(ms);
                }),
              );
            }
            await pass(gap);
          }
          await pass(4_000);
          watch(manager.kill());
          await clock.runAll();
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a burst of which nothing is known', () => {
  const COLD = { workerCount: 5, maxWorkerCount: 50, fakes: { createDelay: 2_000 } };

  it('makes no workers if its tasks are short, however often it comes', async () => {
    const bench = await start(COLD);
    for (let i = 0; i < 4; i++) {
      burst(bench, 1_000, 2);
      await bench.clock.advance(8_000);
    }
    expect([bench.fakes.created, bench.manager.metrics().totalTasksCompleted]).toEqual([5, 4_000]);
  });

  it('makes as many as it has tasks if they are long, before the first has ended', async () => {
    const bench = await start(COLD);
    burst(bench, 50, 5_000);
    await bench.clock.advance(1_000);
    expect(bench.manager.stats()).toMatchObject({ activeWorkers: 5, startingWorkers: 45 });
    await bench.clock.advance(7_000);
    expect(bench.manager.metrics().totalTasksCompleted).toBe(50);
  });
});

describe('dispatch and retirement', () => {
  it('work goes to the most recently used worker', async () => {
    const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3 });
    const ids: number[] = [];
    const task = (ms: number): void =>
      void watch(
        manager.queueTask((resource) => {
          ids.push(resource.id);
          return resource.work(ms);
        }),
      );
    task(10);
    task(30);
    task(20);
    await clock.advance(100);
    const last = ids[1];
    for (let i = 0; i < 5; i++) {
      task(10);
      await clock.advance(100);
    }
    expect(ids.slice(3)).toEqual(Array(5).fill(last));
  });

  it('a worker above workerCount that has been idle for idleTimeout is retired', async () => {
    const bench = await start({ maxWorkerCount: 4, targetWait: 0, idleTimeout: 500, burstInterval: 100 });
    const scaled = recordScaling(bench);
    burst(bench, 4, 10);
    await bench.clock.advance(509);
    expect([bench.manager.stats().activeWorkers, bench.fakes.destroyed]).toEqual([4, 0]);
    await bench.clock.advance(1);
    expect([bench.manager.stats().activeWorkers, bench.fakes.reasons]).toEqual([1, ['idle', 'idle', 'idle']]);
    expect(inShort(scaled)).toEqual(['1 to 4: backlog', '4 to 1: idle']);
    expect(bench.timers.armed).toBe(0);
  });

  it('a worker goes at its time, also where idleTimeout is no multiple of the tick or shorter than it', async () => {
    for (const idleTimeout of [0, 1, 30, 100, 250]) {
      const bench = await start({ maxWorkerCount: 2, targetWait: 0, idleTimeout, burstInterval: 100 });
      burst(bench, 2, 57);
      await bench.clock.advance(56 + idleTimeout);
      expect([idleTimeout, bench.fakes.destroyed]).toEqual([idleTimeout, 0]);
      await bench.clock.advance(1);
      expect([idleTimeout, bench.fakes.reasons]).toEqual([idleTimeout, ['idle']]);
    }
  });

  it('of a worker that comes up when nothing is left to do and one that idles already, the latter goes first', async () => {
    const bench = await start({ maxWorkerCount: 2, targetWait: 0, idleTimeout: 300, fakes: { createDelay: 200 } });
    burst(bench, 2, 10);
    await bench.clock.advance(319);
    expect(bench.fakes.destroyed).toBe(0);
    await bench.clock.advance(1);
    expect(bench.fakes.reasons).toEqual(['idle']);
  });

  it('idleTimeout is by default 5 times the measured creation time, if that is more than a second', async () => {
    const bench = await start({ maxWorkerCount: 2, targetWait: 0, fakes: { createDelay: 400 } });
    burst(bench, 2, 500);
    await bench.clock.advance(900); // both have ended by then: the first after 500, the second 400 + 500
    await bench.clock.advance(1_490);
    expect(bench.fakes.destroyed).toBe(0);
    await bench.clock.advance(2_000 - 1_490);
    expect(bench.fakes.destroyed).toBe(1);
  });

  it('idleTimeout is by default a second, or twice the burstInterval if that is more', async () => {
    for (const [burstInterval, idleTimeout] of [
      [100, 1_000],
      [800, 1_600],
    ] as const) {
      const bench = await start({ maxWorkerCount: 2, targetWait: 0, burstInterval });
      burst(bench, 2, 10);
      await bench.clock.advance(10 + idleTimeout - 1);
      expect(bench.fakes.destroyed).toBe(0);
      await bench.clock.advance(1 + burstInterval);
      expect(bench.fakes.destroyed).toBe(1);
    }
  });

  it('workers up to workerCount stay for ever', async () => {
    const bench = await start({ workerCount: 3, maxWorkerCount: 6, idleTimeout: 0 });
    burst(bench, 3, 10);
    await bench.clock.advance(86_400_000);
    expect([bench.manager.stats().activeWorkers, bench.fakes.destroyed]).toEqual([3, 0]);
  });

  it('a busy worker is never retired', async () => {
    const bench = await start({ maxWorkerCount: 4, targetWait: 0, idleTimeout: 100 });
    burst(bench, 4, 10_000);
    await bench.clock.advance(9_999);
    expect([bench.manager.stats().activeWorkers, bench.fakes.destroyed]).toEqual([4, 0]);
    await bench.clock.advance(1);
    expect(bench.manager.metrics().totalTasksCompleted).toBe(4);
  });

  it('nor is one whose function is in quarantine', async () => {
    const { manager, clock, fakes, work } = await start({
      maxWorkerCount: 2,
      targetWait: 0,
      idleTimeout: 50,
      abandonAfter: 60_000,
    });
    for (let i = 0; i < 2; i++) watch(manager.queueTask(work(2_000), { timeout: 10 }));
    await clock.advance(1_999);
    expect(fakes.destroyed).toBe(0);
  });

  it('a worker that gets task after task stays', async () => {
    const bench = await start({ maxWorkerCount: 2, targetWait: 0, idleTimeout: 200 });
    for (let i = 0; i < 50; i++) {
      burst(bench, 2, 50);
      await bench.clock.advance(150);
    }
    expect([bench.fakes.created, bench.fakes.destroyed]).toEqual([2, 0]);
  });

  it('the number is back at workerCount within idleTimeout + tick + destruction when the load ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 10, max: 300 }),
        async (idleTimeout, tick) => {
          const { manager, clock, fakes } = await start({
            workerCount: 2,
            maxWorkerCount: 8,
            targetWait: 0,
            burstInterval: tick,
            idleTimeout,
            fakes: { destroyDelay: 20 },
          });
          for (let i = 0; i < 20; i++) watch(manager.queueTask((resource) => resource.work(1 + (i % 5) * 30)));
          while (manager.metrics().totalTasksCompleted < 20) await clock.advance(1);
          await clock.advance(idleTimeout + tick + 20);
          expect([manager.stats().activeWorkers, fakes.alive]).toEqual([2, 2]);
          await clock.advance(tick);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('base workers that have died', () => {
  it('are replaced at once, without anyone asking', async () => {
    const bench = await start({
      workerCount: 3,
      maxWorkerCount: 6,
      checkHealth: sickIfSo,
      fakes: { createDelay: 30, destroyDelay: 40 },
    });
    const scaled = recordScaling(bench);
    const { manager, clock } = bench;
    for (let i = 0; i < 3; i++) watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    await clock.advance(30);
    expect(manager.stats()).toMatchObject({ activeWorkers: 3, baseWorkers: 3, idleWorkers: 3 });
    expect(new Set(scaled.map(({ reason }) => reason))).toEqual(new Set(['repair']));
  });

  it('come back within one tick + destruction + creation after any number of deaths, also at the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.nat({ max: 3 }),
        fc.nat({ max: 5 }),
        async (workerCount, extra, deaths) => {
          const { manager, clock, fakes } = await start({
            workerCount,
            maxWorkerCount: workerCount + extra,
            checkHealth: sickIfSo,
            fakes: { createDelay: 30, destroyDelay: 40 },
          });
          for (let i = 0; i < Math.min(deaths, workerCount); i++) {
            watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
          }
          await clock.advance(100 + 40 + 30);
          expect(manager.stats()).toMatchObject({ baseWorkers: workerCount, startingWorkers: 0 });
          expect(fakes.peak).toBeLessThanOrEqual(workerCount + extra);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('and an outage of onCreate does not cause hundreds of attempts', async () => {
    let isDown = false;
    const bench = await start({
      workerCount: 8,
      maxWorkerCount: 8,
      checkHealth: sickIfSo,
      fakes: { failCreate: () => isDown },
    });
    const { manager, clock, fakes } = bench;
    isDown = true;
    for (let i = 0; i < 8; i++) watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    await clock.advance(15_000);
    expect(fakes.attempts - 8).toBeLessThanOrEqual(70);
    isDown = false;
    await clock.advance(5_000);
    expect(manager.stats().baseWorkers).toBe(8);
  });
});

describe("scaling: 'off'", () => {
  it('keeps workerCount, whatever waits', async () => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 10, scaling: 'off', targetWait: 0 });
    burst(bench, 100, 50);
    await bench.clock.runAll();
    expect([bench.fakes.created, bench.manager.metrics().totalTasksCompleted, bench.timers.armed]).toEqual([2, 100, 0]);
  });

  it('still replaces what has died', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 2,
      scaling: 'off',
      checkHealth: sickIfSo,
    });
    for (let i = 0; i < 2; i++) watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    await clock.advance(100);
    expect(manager.stats().baseWorkers).toBe(2);
  });
});

describe('a Scaler of one’s own', () => {
  it.each([
    [Infinity, 5],
    [1e9, 5],
    [5.1, 5],
    [3.2, 4],
    [3, 3],
    [0, 2],
    [-7, 2],
  ])('that wants %s workers gets %s: its answer is rounded up and held between the limits', async (answer, workers) => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 5, scaling: () => answer });
    burst(bench, 10, 1_000);
    await bench.clock.advance(150);
    expect(bench.manager.stats().activeWorkers).toBe(workers);
    await bench.manager.kill();
  });

  it('is given all inputs', async () => {
    const inputs: ScaleInput[] = [];
    const bench = await start({
      workerCount: 2,
      maxWorkerCount: 5,
      fakes: { createDelay: 40 },
      scaling: (input) => {
        inputs.push(input);
        return 3;
      },
    });
    burst(bench, 5, 50);
    await bench.settle();
    expect(inputs.at(-1)).toMatchObject({
      now: 40,
      queued: 3,
      running: 2,
      idle: 0,
      starting: 0,
      workers: 2,
      workerCount: 2,
      maxWorkerCount: 5,
      creationTime: 40,
      oldestWait: 0,
    });
    await bench.clock.advance(10);
    burst(bench, 1, 50);
    await bench.settle();
    expect(inputs.at(-1)).toMatchObject({ now: 50, queued: 4, running: 2, starting: 1, workers: 3, oldestWait: 10 });
    await bench.clock.advance(200);
    expect(inputs.at(-1)?.serviceTime).toBeCloseTo(50, 0);
    expect(inputs.at(-1)?.arrivalRate).toBeGreaterThan(0);
  });

  it('can also shrink, but never takes a busy worker', async () => {
    let answer = 4;
    const bench = await start({ maxWorkerCount: 4, scaling: () => answer });
    const scaled = recordScaling(bench);
    burst(bench, 3, 10);
    burst(bench, 1, 1_000);
    await bench.clock.advance(150);
    expect(bench.manager.stats().activeWorkers).toBe(4);
    answer = 1;
    await bench.clock.advance(200);
    expect(bench.manager.stats()).toMatchObject({ activeWorkers: 1, runningTasks: 1 });
    expect(inShort(scaled)).toEqual(['1 to 4: custom', '4 to 1: custom']);
  });

  it('does not keep what has died from being replaced, whatever it says', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 4,
      scaling: () => 0,
      checkHealth: sickIfSo,
    });
    for (let i = 0; i < 2; i++) watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    await clock.advance(1);
    expect(manager.stats().baseWorkers).toBe(2);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('Scaler failed');
      },
    ],
    ['answers NaN', () => NaN],
    ['answers with text', () => '3' as never],
    ['answers nothing', () => undefined as never],
  ])('that %s is reported and changes nothing', async (_, scaling) => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 4, scaling });
    const errors: string[] = [];
    bench.manager.on('error', ({ source }) => errors.push(source));
    burst(bench, 10, 10);
    await bench.clock.advance(200);
    expect(bench.manager.metrics().totalTasksCompleted).toBe(10);
    expect(bench.fakes.created).toBe(2);
    expect(new Set(errors)).toEqual(new Set(['scaling']));
  });
});

describe('every change of the number of workers', () => {
  it('is told by `scaled`, with the reason and the inputs', async () => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 12, checkHealth: sickIfSo, idleTimeout: 300 });
    const scaled = recordScaling(bench);
    const { manager, clock } = bench;
    watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
    await clock.advance(10);
    burst(bench, 2, 50);
    await clock.advance(2_000);
    burst(bench, 30, 50);
    await clock.advance(2_000);
    let at = 2;
    for (const { from, to, reason, message, input } of scaled) {
      expect(message).toContain(`from ${from} to ${to} workers: `);
      // A repair begins where the deaths, which are no decisions, have left the number.
      if (reason === 'repair') expect(from).toBeLessThan(at);
      else expect(from).toBe(at);
      at = to;
      expect(input).toMatchObject({ workerCount: 2, maxWorkerCount: 12 });
    }
    expect([at, new Set(scaled.map(({ reason }) => reason))]).toEqual([2, new Set(['repair', 'backlog', 'idle'])]);
  });
});

describe('an idle manager', () => {
  it('holds no timer', async () => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 8, resourcePoolSize: 2 });
    expect(bench.timers.armed).toBe(0);
    burst(bench, 40, 30);
    watch(bench.manager.runTask(bench.work(20)));
    await bench.clock.advance(5_000);
    expect([bench.manager.metrics().totalTasksCompleted, bench.timers.armed, bench.clock.pending]).toEqual([41, 0, 0]);
  });

  it('goes on asking a Scaler, which may go by the time of day, with one timer that does not keep the process alive', async () => {
    let asked = 0;
    const scaling = ({ queued, running }: { queued: number; running: number }): number => (asked++, queued + running);
    const bench = await start({ maxWorkerCount: 4, scaling });
    burst(bench, 40, 30);
    await bench.clock.advance(5_000);
    asked = 0;
    await bench.clock.advance(1_000);
    expect([bench.manager.stats().activeWorkers, bench.timers.armed, asked]).toEqual([1, 1, 10]);
    const before = bench.clock.now();
    await bench.clock.runAll();
    expect(bench.clock.now()).toBe(before);
  });

  it('holds no timer either while its workers are all busy with long tasks and nothing waits', async () => {
    const bench = await start({ workerCount: 2, maxWorkerCount: 8 });
    burst(bench, 2, 60_000);
    await bench.clock.advance(1_000);
    expect(bench.timers.armed).toBe(0);
  });
});
