import { describe, expect, it } from 'vitest';
import { start } from '../support/harness.ts';
import fc from '../support/fast-check.ts';
import { LoadEstimator } from '../../src/scaling/estimator.ts';
import { ServiceTimeInflation } from '../../src/scaling/inflation.ts';

const CALM = 4;

/** `count` runs of `ms` each, `running` at a time; up to 4 is low load. Returns when the last has ended. */
function runs(inflation: ServiceTimeInflation, count: number, running: number, ms: number, start = 0): number {
  let now = start;
  for (let left = count; left > 0; left -= running) {
    for (let n = 1; n <= running; n++) inflation.started(n);
    for (let n = running - 1; n >= 0; n--) inflation.ended(now, now + ms, n);
    now += ms;
  }
  return now;
}

const mean = (list: number[]): number => list.reduce((sum, ms) => sum + ms, 0) / list.length;

/** The same by going through all runs: those of the lowest level so far, since the first of that level has ended. */
class Naive {
  readonly #running: { since: number; most: number }[] = [];
  readonly #all: number[] = [];
  #calm: number[] = [];
  #calmest = Infinity;

  get running(): number {
    return this.#running.length;
  }

  start(now: number): void {
    this.#running.push({ since: now, most: 0 });
    for (const run of this.#running) run.most = Math.max(run.most, this.#running.length);
  }

  /** Returns when that run began. */
  end(which: number, now: number): number {
    const [run = { since: 0, most: 0 }] = this.#running.splice(which, 1);
    const level = Math.max(0, Math.ceil(Math.log2(run.most / CALM)));
    if (level < this.#calmest) {
      this.#calmest = level;
      this.#calm = [];
    }
    this.#all.push(now - run.since);
    if (level === this.#calmest) this.#calm.push(now - run.since);
    return run.since;
  }

  get value(): number {
    return this.#calm.length === 0 ? 1 : mean(this.#all) / mean(this.#calm);
  }
}

describe('ServiceTimeInflation', () => {
  it('gives what comparing all runs by hand would, while it remembers them all', () => {
    const event = fc.record({ isStart: fc.boolean(), count: fc.integer({ min: 1, max: 20 }), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const inflation = new ServiceTimeInflation(() => CALM);
        const naive = new Naive();
        let now = 0;
        let ended = 0;
        for (const { isStart, count, which } of events) {
          for (let i = 0; i < count; i++) {
            now++; // of what happens in one instant it may see the order otherwise
            if (isStart && naive.running < 40) {
              naive.start(now);
              inflation.started(naive.running);
            } else if (!isStart && naive.running > 0 && ended++ < 190) {
              inflation.ended(naive.end(which % naive.running, now), now, naive.running);
            }
          }
          expect(inflation.value).toBeCloseTo(naive.value, 6);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('knows mean and spread of the last runs, and on what low load rests', () => {
    const inflation = new ServiceTimeInflation(() => 1);
    expect(inflation.durations()).toEqual({ ended: 0, mean: 0, meanSquare: 0, calm: 0, calmRuns: 0, isCalmLow: false });
    let now = 0;
    for (const ms of [10, 30]) now = runs(inflation, 1, 1, ms, now);
    expect(inflation.durations()).toEqual({
      ended: 2,
      mean: 20,
      meanSquare: 500,
      calm: 20,
      calmRuns: 2,
      isCalmLow: true,
    });
    runs(inflation, 98, 2, 50, now);
    const { ended, mean, meanSquare, calm, calmRuns } = inflation.durations();
    expect([ended, calm, calmRuns]).toEqual([100, 20, 2]);
    expect(mean).toBeCloseTo(49.4);
    expect(meanSquare).toBeCloseTo(0.02 * 500 + 0.98 * 2_500);
  });

  it('is 1 while nothing is known', () => {
    const inflation = new ServiceTimeInflation(() => CALM);
    expect(inflation.value).toBe(1);
    inflation.started(1); // a long task runs, none has ended
    expect(inflation.value).toBe(1);
  });

  it('tells how much longer tasks take than at low load', () => {
    const inflation = new ServiceTimeInflation(() => CALM);
    let now = runs(inflation, 1_000, 4, 50);
    expect(inflation.value).toBe(1);
    now = runs(inflation, 2_000, 16, 200, now);
    expect(inflation.value).toBeCloseTo(4, 2);
    runs(inflation, 2_000, 3, 50, now);
    expect(inflation.value).toBeCloseTo(1, 2);
  });

  it('takes a run for calm that begins in the instant in which it becomes calm', () => {
    const inflation = new ServiceTimeInflation(() => 2);
    for (const running of [1, 2, 3]) inflation.started(running);
    inflation.ended(0, 30, 2);
    inflation.ended(0, 30, 1);
    inflation.started(2);
    inflation.ended(30, 40, 1);
    expect(inflation.value).toBeCloseTo((30 + 30 + 10) / 3 / 10);
  });

  it('takes the least load for low where it is never low, and forgets it once it is', () => {
    const inflation = new ServiceTimeInflation(() => CALM);
    let now = runs(inflation, 100, 30, 300);
    now = runs(inflation, 2_000, 10, 100, now);
    expect(inflation.value).toBeCloseTo(1, 2);
    now = runs(inflation, 2_000, 30, 300, now);
    expect(inflation.value).toBeCloseTo(3, 2);
    now = runs(inflation, 600, 2, 50, now);
    runs(inflation, 2_000, 30, 300, now);
    expect(inflation.value).toBeCloseTo(6, 2);
  });

  it('compares with runs that were calm all along: one that began or ended in a crowd is none', () => {
    const inflation = new ServiceTimeInflation(() => CALM);
    const now = runs(inflation, 10, 1, 50);
    // The first of ten side by side begins in calm, the last ends in calm; all are slow.
    for (let n = 1; n <= 10; n++) inflation.started(n);
    for (let n = 9; n >= 0; n--) inflation.ended(now, now + 500, n);
    expect(inflation.value).toBeCloseTo((10 * 50 + 10 * 500) / 20 / 50);
  });

  it('counts tasks longer than a second right', () => {
    const inflation = new ServiceTimeInflation(() => CALM);
    const now = runs(inflation, 40, 1, 4_000);
    runs(inflation, 2_000, 10, 8_000, now);
    expect(inflation.value).toBeCloseTo(2, 2);
  });

  it.each([
    ['20 an hour', 180_000],
    ['20 a minute', 3_000],
    ['one after the other', 1_000],
    ['three at a time', 400],
  ])('is 1 for tasks of exactly 1 s, %s, however long nothing runs between', (_, every) => {
    const inflation = new ServiceTimeInflation(() => 1);
    const ends: number[] = [];
    const end = (until: number): void => {
      while (ends.length > 0 && (ends[0] as number) <= until) {
        const at = ends.shift() as number;
        inflation.ended(at - 1_000, at, ends.length);
        expect(inflation.value).toBe(1);
      }
    };
    for (let i = 0; i < 300; i++) {
      end(i * every);
      ends.push(i * every + 1_000);
      inflation.started(ends.length);
    }
    end(Infinity);
  });
});

describe('the inflation that the estimator sees', () => {
  it('is none for tasks of 5 s, one at a time and then sixteen', () => {
    const load = new LoadEstimator(() => 4);
    let now = 0;
    for (const tasks of [1, 16]) {
      for (let i = 0; i < 20; i++) {
        const startedAt = now;
        for (let n = 0; n < tasks; n++) load.started(startedAt);
        now += 5_000;
        for (let n = 0; n < tasks; n++) load.ended(startedAt, now);
      }
    }
    expect(load.inflation).toBe(1);
  });
});

describe('metrics().serviceTimeInflation', () => {
  it('rises when a bottleneck behind the resources makes more workers slower workers', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 16,
      growthMustPay: false,
      fakes: { createDelay: 50 },
    });
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
  });
});
