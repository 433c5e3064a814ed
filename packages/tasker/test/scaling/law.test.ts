import fc from '../support/fast-check.ts';
import type { ScaleInput } from 'tasker';
import { describe, expect, it } from 'vitest';
import { defaultLaw } from '../../src/scaling/law.ts';

const QUIET: ScaleInput = {
  now: 0,
  queued: 0,
  running: 0,
  idle: 0,
  starting: 0,
  workers: 4,
  workerCount: 4,
  maxWorkerCount: 32,
  arrivalRate: 0,
  completionRate: 0,
  refusals: 0,
  serviceTime: 0,
  creationTime: 0,
  oldestWait: 0,
};

/** What the law wants, before it is held between the limits, which is the manager's part. */
function wanted(input: Partial<ScaleInput>, targetWait = 100, tasksPerWorker = 1): number {
  return defaultLaw({ ...QUIET, ...input }, { targetWait, tasksPerWorker }).workers;
}

/** Why it wants them. */
function reason(input: Partial<ScaleInput>): string {
  return defaultLaw({ ...QUIET, ...input }, { targetWait: 100, tasksPerWorker: 1 }).reason;
}

describe('defaultLaw', () => {
  it('wants nobody where there is nothing to do', () => {
    expect(Math.abs(wanted({}))).toBe(0);
  });

  it('keeps up with the load: arrivals per second × seconds per task', () => {
    expect(wanted({ arrivalRate: 200, serviceTime: 50, running: 20 })).toBe(10);
    expect(wanted({ arrivalRate: 201, serviceTime: 50, running: 20 })).toBe(11);
  });

  it('drains the queue within W', () => {
    expect(wanted({ queued: 40, serviceTime: 50, running: 4 })).toBe(20);
    expect(wanted({ queued: 40, serviceTime: 50, running: 4 }, 500)).toBe(4);
  });

  it('takes both together', () => {
    expect(wanted({ queued: 40, serviceTime: 50, running: 10, arrivalRate: 100 })).toBe(25);
  });

  it('never wants more workers than there are tasks', () => {
    expect(wanted({ queued: 3, running: 2, serviceTime: 10_000, arrivalRate: 1_000 })).toBe(5);
  });

  it('W is the creation time where that is longer: a queue that drains before help arrives starts nobody', () => {
    expect(wanted({ queued: 50, serviceTime: 2, creationTime: 150 })).toBe(1);
    expect(wanted({ queued: 50, serviceTime: 2, creationTime: 0 }, 10)).toBe(10);
    expect(wanted({ queued: 50, serviceTime: 2, creationTime: 10 }, 10)).toBe(10);
    expect(wanted({ queued: 50, serviceTime: 2, creationTime: 100 }, 10)).toBe(1);
  });

  it('targetWait 0 is a worker for every task, whatever else is known', () => {
    expect(wanted({ queued: 7, running: 4 }, 0)).toBe(11);
    expect(wanted({ queued: 7, running: 4, serviceTime: 1, creationTime: 5_000 }, 0)).toBe(11);
  });

  it('grows by half when the oldest task has waited longer than W and nobody is starting', () => {
    const starved = { queued: 50, running: 4, oldestWait: 101 };
    expect(defaultLaw({ ...QUIET, ...starved }, { targetWait: 100, tasksPerWorker: 1 })).toEqual({
      workers: 6,
      reason: 'starved',
    });
    expect(wanted({ ...starved, workers: 5 })).toBe(8);
    expect(wanted({ ...starved, workers: 1 })).toBe(2);
  });

  it('does not do so before, nor while somebody is starting, nor beyond the tasks', () => {
    const starved = { queued: 50, running: 4, oldestWait: 101 };
    expect(wanted({ ...starved, oldestWait: 100 })).toBeLessThanOrEqual(4);
    expect(wanted({ ...starved, oldestWait: 140, creationTime: 150 })).toBeLessThanOrEqual(4);
    expect(wanted({ ...starved, starting: 1 })).toBeLessThanOrEqual(4);
    expect(wanted({ ...starved, queued: 0, oldestWait: 0 })).toBeLessThanOrEqual(4);
    expect(wanted({ ...starved, queued: 1 })).toBe(5);
  });

  it('also grows by half when the formula would add fewer than that', () => {
    const starved = { queued: 50, running: 10, workers: 10, oldestWait: 500, serviceTime: 22 };
    expect(wanted({ ...starved, oldestWait: 0 })).toBe(11);
    expect(wanted(starved)).toBe(15);
  });

  it('does as the formula says where that adds as many or more', () => {
    const starved = { queued: 50, running: 4, oldestWait: 101, serviceTime: 1_000 };
    expect([wanted(starved), reason(starved)]).toEqual([54, 'backlog']);
    expect([wanted({ ...starved, queued: 1 }), reason({ ...starved, queued: 1 })]).toEqual([5, 'backlog']);
  });

  it('says why', () => {
    expect(reason({ arrivalRate: 200, serviceTime: 50, running: 20, queued: 1 })).toBe('rate');
    expect(reason({ arrivalRate: 1, serviceTime: 50, running: 4, queued: 40 })).toBe('backlog');
    expect(reason({ queued: 50, running: 4, oldestWait: 101 })).toBe('starved');
    expect(reason({})).toBe('rate'); // an empty queue is no reason
  });

  it('counts workers, not tasks, where a worker takes several', () => {
    expect(wanted({ queued: 40, serviceTime: 50, running: 4 }, 100, 4)).toBe(5);
    expect(wanted({ arrivalRate: 400, serviceTime: 50, running: 40 }, 100, 4)).toBe(5);
    expect(wanted({ queued: 7, running: 4 }, 0, 4)).toBe(3);
  });

  const input = fc.record({
    now: fc.constant(0),
    queued: fc.nat({ max: 10_000 }),
    running: fc.nat({ max: 100 }),
    idle: fc.nat({ max: 10 }),
    starting: fc.nat({ max: 2 }),
    workers: fc.integer({ min: 1, max: 100 }),
    workerCount: fc.constant(1),
    maxWorkerCount: fc.constant(100),
    arrivalRate: fc.double({ min: 0, max: 10_000, noNaN: true }),
    completionRate: fc.constant(0),
    refusals: fc.constant(0),
    serviceTime: fc.double({ min: 0, max: 10_000, noNaN: true }),
    creationTime: fc.double({ min: 0, max: 5_000, noNaN: true }),
    oldestWait: fc.double({ min: 0, max: 10_000, noNaN: true }),
  });
  const targetWait = fc.double({ min: 0, max: 1_000, noNaN: true });

  it('is the formula, whatever the input, unless somebody starves', () => {
    fc.assert(
      fc.property(input, targetWait, (input, targetWait) => {
        const { queued, running, arrivalRate, serviceTime, creationTime, oldestWait, starting } = input;
        const W = Math.max(targetWait, creationTime);
        const isStarving = queued > 0 && oldestWait > W && starting === 0;
        if (targetWait === 0 || isStarving) return;
        const exact = (arrivalRate * serviceTime) / 1_000 + (queued * serviceTime) / W;
        const { workers } = defaultLaw(input, { targetWait, tasksPerWorker: 1 });
        expect(workers).toBeGreaterThanOrEqual(Math.min(running + queued, Math.ceil(exact - 1e-6)));
        expect(workers).toBeLessThanOrEqual(Math.min(running + queued, Math.ceil(exact + 1e-6)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is a whole number from 0 to the number of tasks, whatever the input', () => {
    fc.assert(
      fc.property(input, targetWait, (input, targetWait) => {
        const { workers } = defaultLaw(input, { targetWait, tasksPerWorker: 1 });
        expect(Number.isInteger(workers)).toBe(true);
        expect(workers).toBeGreaterThanOrEqual(0);
        expect(workers).toBeLessThanOrEqual(input.running + input.queued);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never wants fewer for a longer queue or a shorter patience, where nobody starves', () => {
    fc.assert(
      fc.property(input, targetWait, fc.nat({ max: 100 }), (any, targetWait, more) => {
        const input = { ...any, oldestWait: 0 };
        expect(wanted({ ...input, queued: input.queued + more }, targetWait)).toBeGreaterThanOrEqual(
          wanted(input, targetWait),
        );
        expect(wanted(input, targetWait / 2)).toBeGreaterThanOrEqual(wanted(input, targetWait));
      }),
      { numRuns: 1_000 },
    );
  });
});
