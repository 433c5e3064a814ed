import { createTaskManager } from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { LoadEstimator } from '../../src/scaling/estimator.ts';
import { ServiceTimeInflation } from '../../src/scaling/inflation.ts';

/** Seconds in which `running` tasks of `ms` each run all the time; up to 4 is low load. */
function seconds(inflation: ServiceTimeInflation, count: number, running: number, ms: number): void {
  for (let i = 0; i < count; i++) inflation.add(running * 1000, (running * 1000) / ms, 1, 4);
}

describe('ServiceTimeInflation', () => {
  it('is 1 while nothing is known', () => {
    const inflation = new ServiceTimeInflation();
    expect(inflation.value).toBe(1);
    inflation.add(1000, 0, 1, 4); // a long task runs, none has ended
    expect(inflation.value).toBe(1);
  });

  it('tells how much longer tasks take than at low load', () => {
    const inflation = new ServiceTimeInflation();
    seconds(inflation, 60, 3, 50);
    expect(inflation.value).toBeCloseTo(1);
    seconds(inflation, 60, 16, 200);
    expect(inflation.value).toBeCloseTo(4, 1);
    seconds(inflation, 60, 3, 50);
    expect(inflation.value).toBeCloseTo(1, 1);
  });

  it('takes the least load for low where it is never low, and forgets it once it is', () => {
    const inflation = new ServiceTimeInflation();
    seconds(inflation, 5, 30, 300);
    seconds(inflation, 60, 10, 100);
    expect(inflation.value).toBeCloseTo(1, 1);
    seconds(inflation, 60, 30, 300);
    expect(inflation.value).toBeCloseTo(3, 1);
    seconds(inflation, 60, 2, 50);
    seconds(inflation, 60, 30, 300);
    expect(inflation.value).toBeCloseTo(6, 1);
  });

  it('counts tasks longer than a second right', () => {
    const inflation = new ServiceTimeInflation();
    for (let i = 0; i < 80; i++) inflation.add(1000, i % 4 === 3 ? 1 : 0, 1, 4); // one task of 4 s after the other
    for (let i = 0; i < 80; i++) inflation.add(10_000, i % 4 === 3 ? 5 : 0, 1, 4); // of 8 s, ten at once
    expect(inflation.value).toBeGreaterThan(1.6);
    expect(inflation.value).toBeLessThan(2.4);
  });
});

describe('the inflation that the estimator sees', () => {
  it.each([
    ['asked every second', 1_000],
    ['never asked between', Infinity],
  ])('is none for tasks of 5 s, one at a time and then sixteen, %s', (_, every) => {
    const load = new LoadEstimator(() => 4);
    let now = 0;
    const pass = (ms: number): void => {
      for (let left = ms; left > 0; left -= every) {
        now += Math.min(left, every);
        if (left > every) load.inflation(now);
      }
    };
    for (const tasks of [1, 16]) {
      for (let i = 0; i < 20; i++) {
        const startedAt = now;
        for (let n = 0; n < tasks; n++) load.started(startedAt);
        pass(5_000);
        for (let n = 0; n < tasks; n++) load.ended(startedAt, now);
      }
    }
    expect(load.inflation(now + 1_000)).toBeGreaterThan(0.8);
    expect(load.inflation(now + 1_000)).toBeLessThan(1.25);
  });
});

describe('metrics().serviceTimeInflation', () => {
  it('rises when a bottleneck behind the resources makes more workers slower workers', async () => {
    const clock = new VirtualClock();
    const starting = createTaskManager({
      ...fakeResources({ clock, createDelay: 50 }),
      clock,
      workerCount: 2,
      maxWorkerCount: 16,
      resourcePoolSize: 0,
    });
    await clock.runAll();
    const manager = await starting;
    let running = 0;
    /** The bottleneck serves two at a time: with `n` tasks each takes n ÷ 2 times 20 ms. */
    const load = async (perSecond: number, forSeconds: number): Promise<void> => {
      for (let i = 0; i < perSecond * forSeconds; i++) {
        void manager.queueTask(async (resource) => {
          running++;
          await resource.work(20 * Math.max(1, running / 2));
          running--;
        });
        await clock.advance(1000 / perSecond);
      }
    };
    expect(manager.metrics().serviceTimeInflation).toBe(1);
    await load(40, 5);
    const calm = manager.metrics().serviceTimeInflation;
    await load(150, 10);
    const crowded = manager.metrics().serviceTimeInflation;
    expect(calm).toBe(1);
    expect(crowded).toBeGreaterThan(3);
    const ended = manager.stop();
    await clock.runAll();
    await ended;
  });
});
