import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/primitives/clock.ts';
import { SharedClock, stampClock } from '../../src/primitives/shared-clock.ts';
import { VirtualClock } from 'tasker/testing';

/** A clock that stands where it is put, and counts how often it is read. */
function bench(): {
  clock: SharedClock;
  pass: (ms: number) => void;
  endTurn: () => void;
  reads: () => number;
  exact: () => number;
} {
  let now = 1_000;
  let reads = 0;
  let atEnd: (() => void)[] = [];
  const clock = new SharedClock(
    () => {
      reads++;
      return now;
    },
    (fn) => atEnd.push(fn),
  );
  const endTurn = (): void => {
    const due = atEnd;
    atEnd = [];
    for (const fn of due) fn();
  };
  return { clock, pass: (ms) => void (now += ms), endTurn, reads: () => reads, exact: () => now };
}

/** So many events, each some time after the last. */
function events({ clock, pass }: ReturnType<typeof bench>, count: number, ms: number): void {
  for (let i = 0; i < count; i++) {
    pass(ms);
    clock.now();
  }
}

describe('SharedClock', () => {
  it('reads the clock for each event while they are not close to each other', () => {
    const it = bench();
    events(it, 1_000, 0.05);
    expect(it.reads()).toBe(1_000);
  });

  it('leaves eight of nine readings out once 256 have been close to each other', () => {
    const it = bench();
    events(it, 257, 0.0005);
    expect(it.reads()).toBe(257);
    events(it, 900, 0.0005);
    expect(it.reads()).toBe(357);
    expect(it.clock.now()).toBeCloseTo(it.exact(), 2);
  });

  it('is exact again for 256 events after a slow stretch', () => {
    const it = bench();
    events(it, 300, 0.0005);
    it.pass(5);
    events(it, 9, 0.0005); // one of these reads
    const before = it.reads();
    events(it, 240, 0.0005);
    expect(it.reads()).toBe(before + 240);
  });

  it('shares no reading beyond the turn of the event loop', () => {
    const it = bench();
    events(it, 258, 0.0005);
    it.endTurn();
    it.pass(60_000);
    const before = it.reads();
    expect(it.clock.now()).toBeCloseTo(61_000 + 258 * 0.0005, 9);
    expect(it.reads()).toBe(before + 1);
  });

  /**
   * Eight places under a full load: each end of a task starts the next in its place, and the client submits another.
   * The durations by shared readings against those by an exact clock.
   */
  it.each([
    ['tasks of some 0.3 µs', () => 0.0003],
    ['one of a hundred blocks for 5 ms', (n: number) => (n % 100 === 0 ? 5 : 0.0003)],
    [
      'one of a thousand blocks for 20 ms, the others take up to 10 µs',
      (n: number) => (n % 1_000 === 0 ? 20 : ((n * 7) % 10) / 1_000),
    ],
    ['all block for 5 ms', () => 5],
  ])('keeps the mean within 1 % and p99 within 2 %, or a microsecond, of exact ones: %s', (_, duration) => {
    const it = bench();
    let now = 0;
    const pass = (ms: number): void => {
      now += ms;
      it.pass(ms);
    };
    type Stamps = { exact: number; shared: number };
    const stamp = (): Stamps => ({ exact: now, shared: it.clock.now() });
    const waiting = Array.from({ length: 56 }, stamp);
    const running = Array.from({ length: 8 }, stamp);
    const waits: Stamps[] = [];
    const runs: Stamps[] = [];
    for (let n = 1; n <= 100_000; n++) {
      pass(duration(n));
      const end = stamp();
      const start = running[n % 8] as Stamps;
      runs.push({ exact: end.exact - start.exact, shared: end.shared - start.shared });
      running[n % 8] = end;
      const queued = waiting.shift() as Stamps;
      waits.push({ exact: end.exact - queued.exact, shared: end.shared - queued.shared });
      waiting.push(stamp());
    }
    for (const durations of [waits, runs]) {
      const mean = (key: keyof Stamps): number => durations.reduce((sum, one) => sum + one[key], 0) / durations.length;
      const p99 = (key: keyof Stamps): number =>
        durations.map((one) => one[key]).toSorted((a, b) => a - b)[Math.ceil(durations.length * 0.99) - 1] ?? 0;
      expect(Math.abs(mean('shared') / mean('exact') - 1)).toBeLessThan(0.01);
      expect(Math.abs(p99('shared') - p99('exact'))).toBeLessThan(Math.max(0.001, p99('exact') * 0.02));
    }
  });
});

describe('stampClock', () => {
  it('shares readings of the clock of the runtime', () => {
    const stamps = stampClock(systemClock);
    expect(stamps).toBeInstanceOf(SharedClock);
    const before = performance.now();
    expect(stamps.now()).toBeGreaterThanOrEqual(before);
  });

  it('leaves any other clock alone', () => {
    const clock = new VirtualClock();
    expect(stampClock(clock)).toBe(clock);
  });
});
