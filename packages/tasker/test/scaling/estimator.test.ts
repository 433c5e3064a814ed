import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { LoadEstimator } from '../../src/scaling/estimator.ts';

/** Runs of tasks, each from its start to its end, told to an estimator in the order of time. */
function feed(load: LoadEstimator, runs: readonly { start: number; end: number }[], until: number): void {
  const events = runs.flatMap(({ start, end }) => [
    { at: start, tell: () => load.started(start) },
    { at: end, tell: () => load.ended(start, end) },
  ]);
  for (const { at, tell } of events.toSorted((a, b) => a.at - b.at)) if (at <= until) tell();
}

describe('LoadEstimator', () => {
  it('forgets what has left the window also if nothing has happened since', () => {
    const load = new LoadEstimator(() => 1);
    load.arrived(0);
    expect([load.arrivalRate(999), load.arrivalRate(1_000)]).toEqual([1, 0]);
  });

  it('knows nothing at first', () => {
    const load = new LoadEstimator(() => 4);
    expect([load.arrivalRate(0), load.serviceTime(0), load.creationTime]).toEqual([0, 0, 0]);
    expect([load.arrivalRate(5_000), load.serviceTime(5_000)]).toEqual([0, 0]);
  });

  it('measures arrivals per second over the last second', () => {
    const load = new LoadEstimator(() => 4);
    for (let at = 0; at < 5_000; at += 5) load.arrived(at);
    expect(load.arrivalRate(4_999)).toBeCloseTo(200, -1);
    for (let at = 5_000; at < 7_000; at += 50) load.arrived(at);
    expect(load.arrivalRate(6_999)).toBeCloseTo(20, -1);
  });

  it('forgets after a second of silence', () => {
    const load = new LoadEstimator(() => 4);
    for (let at = 0; at < 1_000; at += 10) load.arrived(at);
    expect(load.arrivalRate(2_100)).toBe(0);
    expect(load.arrivalRate(1e9)).toBe(0);
  });

  it('measures the worker time of a task as busy time ÷ ended runs', () => {
    const load = new LoadEstimator(() => 4);
    feed(
      load,
      Array.from({ length: 40 }, (_, i) => ({ start: i * 50, end: i * 50 + 30 })),
      2_000,
    );
    expect(load.serviceTime(2_000)).toBeCloseTo(30, 0);
  });

  it('counts tasks right that are longer than the window', () => {
    const load = new LoadEstimator(() => 4);
    // Ten run at any time, each for 2 s: in each second 10 s of work and 5 ends.
    feed(
      load,
      Array.from({ length: 100 }, (_, i) => ({ start: i * 200, end: i * 200 + 2_000 })),
      15_000,
    );
    expect(load.serviceTime(15_000)).toBeGreaterThanOrEqual(1_800); // the newest bucket has just begun
    expect(load.serviceTime(15_000)).toBeLessThanOrEqual(2_200);
  });

  it('keeps the last known time when nothing has ended lately', () => {
    const load = new LoadEstimator(() => 4);
    load.started(0);
    load.ended(0, 40);
    expect(load.serviceTime(50)).toBe(40);
    for (const at of [2_000, 60_000, 300_000, 1e8]) expect(load.serviceTime(at)).toBe(40);
    load.started(2e8);
    for (const ms of [20, 40]) expect(load.serviceTime(2e8 + ms)).toBe(40);
    expect(load.serviceTime(2e8 + 5_000)).toBe(5_000);
  });

  it('knows that a task takes at least as long as it has run, before any has ended and while none ends', () => {
    const load = new LoadEstimator(() => 4);
    load.started(0);
    load.started(0);
    expect(load.serviceTime(50)).toBe(50);
    expect(load.serviceTime(3_000)).toBe(3_000);
    load.ended(0, 5_000);
    load.started(5_000);
    expect(load.serviceTime(9_000)).toBe(6_500); // one has run for 9 s, the other for 4
  });

  it('takes the first ends of many equal tasks for what they are, where a worker takes longer to make than to see more', () => {
    for (const [creation, time] of [
      [1_000, 10],
      [1_001, 2],
    ] as const) {
      const load = new LoadEstimator(() => 4);
      load.created(creation);
      for (let i = 0; i < 5; i++) load.started(10_000);
      load.next(10_000, 10_002);
      expect(load.serviceTime(10_002)).toBe(time);
      for (let i = 0; i < 4; i++) load.next(10_000, 10_002);
      expect(load.serviceTime(10_002)).toBe(2);
    }
  });

  it('goes by the busy time as ever where tasks ran before, or those that have ended were long ones', () => {
    const load = new LoadEstimator(() => 4);
    load.created(2_000);
    for (let i = 0; i < 5; i++) load.started(10_000);
    load.next(10_000, 11_500);
    expect(load.serviceTime(11_500)).toBeGreaterThan(4_000); // all of the second was worked
    const short = new LoadEstimator(() => 4);
    short.created(2_000);
    short.started(0);
    short.ended(0, 8_000);
    for (let i = 0; i < 5; i++) short.started(20_000);
    short.next(20_000, 20_002);
    expect(short.serviceTime(20_002)).toBe(10);
  });

  it('counts ends and refusals per second over the last second', () => {
    const load = new LoadEstimator(() => 4);
    for (let at = 0; at < 1_000; at += 100) {
      load.started(at);
      load.ended(at, at + 10);
      if (at >= 500) load.refused(at + 10);
    }
    expect([load.completionRate(999), load.refusalRate(999)]).toEqual([10, 5]);
    expect([load.completionRate(1_499), load.refusalRate(1_499)]).toEqual([5, 5]);
    expect([load.completionRate(9_000), load.refusalRate(9_000)]).toEqual([0, 0]);
  });

  it('counts what happens between two buckets in the later one', () => {
    const arrivals = new LoadEstimator(() => 4);
    for (const at of [950, 1_000]) arrivals.arrived(at);
    expect(arrivals.arrivalRate(1_999)).toBe(1);
    const runs = [950, 1_000, 1_100].map((end, i, ends) => ({ start: ends[i - 1] ?? 900, end }));
    const load = new LoadEstimator(() => 4);
    feed(load, runs, 2_000);
    expect(load.serviceTime(1_999)).toBe(50); // 100 ms of work and two ends
  });

  it('forgets a bucket in the instant in which it falls out of the window', () => {
    const runs = [
      { start: 0, end: 50 },
      { start: 900, end: 2_000 },
    ];
    for (const [now, arrivals, time] of [
      [999, 1, 149],
      [1_000, 0, 100],
    ] as const) {
      const [rate, load] = [new LoadEstimator(() => 4), new LoadEstimator(() => 4)];
      rate.arrived(0);
      feed(load, runs, 999);
      expect([rate.arrivalRate(now), load.serviceTime(now)]).toEqual([arrivals, time]);
    }
  });

  it('averages the time of creations with weight 0.3 for the newest', () => {
    const load = new LoadEstimator(() => 4);
    load.created(100);
    expect(load.creationTime).toBe(100);
    load.created(200);
    expect(load.creationTime).toBeCloseTo(130);
    load.created(130);
    expect(load.creationTime).toBeCloseTo(130);
  });

  it('gives what counting by hand over ten buckets of 100 ms would', () => {
    const event = fc.record({
      after: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 400 }), fc.nat({ max: 4_000 })),
      what: fc.constantFrom('arrived' as const, 'started' as const, 'ended' as const),
    });
    fc.assert(
      fc.property(fc.nat({ max: 1e6 }), fc.array(event, { maxLength: 80 }), (origin, events) => {
        const load = new LoadEstimator(() => 4);
        let now = origin;
        let running = 0;
        /** Pieces of time with the number of tasks that ran in them. */
        const busy: { from: number; to: number; running: number }[] = [];
        const ends: number[] = [];
        const arrivals: number[] = [];
        const starts: number[] = [];
        let duration: number | undefined;
        let first: number | undefined;
        for (const { after, what } of events) {
          busy.push({ from: now, to: now + after, running });
          now += after;
          if (what === 'ended' && running === 0) continue;
          first ??= now;
          if (what === 'started') starts.push(now);
          if (what === 'ended') {
            const startedAt = starts.shift() ?? NaN;
            load.ended(startedAt, now);
            duration = duration ? duration * 0.9 + (now - startedAt) * 0.1 : now - startedAt; // the first stands for itself
          } else {
            load[what](now);
          }
          if (what === 'arrived') arrivals.push(now);
          if (what === 'started') running++;
          if (what === 'ended') {
            running--;
            ends.push(now);
          }
          const since = (Math.floor(now / 100) - 9) * 100;
          const ended = ends.filter((at) => at >= since).length;
          const work = busy.reduce(
            (sum, { from, to, running }) => sum + Math.max(0, to - Math.max(from, since)) * running,
            0,
          );
          const age = running > 0 ? starts.reduce((sum, at) => sum + now - at, 0) / running : 0;
          expect(load.serviceTime(now)).toBeCloseTo(ended > 0 ? work / ended : Math.max(duration ?? 0, age), 6);
          if (now - first < 1_000) continue;
          const recent = (ms: number): number => arrivals.filter((at) => at > now - ms).length;
          expect(load.arrivalRate(now)).toBeGreaterThanOrEqual(recent(900) - 1e-9);
          expect(load.arrivalRate(now)).toBeLessThanOrEqual(recent(1_000) + 1e-9);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes constant time for each event, however long it was silent', () => {
    const load = new LoadEstimator(() => 4);
    for (let at = 0; at < 1e15; at += 1e12) {
      load.arrived(at);
      load.started(at);
      load.ended(at, at + 10);
      expect(load.serviceTime(at + 10)).toBe(10);
    }
  });
});
