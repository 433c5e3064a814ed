import fc from '../support/fast-check.ts';
import { describe, expect, it, vi } from 'vitest';
import { ref, unref } from '../../src/primitives/clock.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

function logging(clock: VirtualClock) {
  const log: string[] = [];
  const at = (name: string) => (): void => void log.push(`${name}@${clock.now()}`);
  return { log, at };
}

describe('VirtualClock', () => {
  it('stands still by itself, and while promises settle', async () => {
    const clock = new VirtualClock();
    expect(clock.now()).toBe(0);
    await clock.advance(0);
    expect(clock.now()).toBe(0);
    await clock.advance(1.5);
    await clock.advance(2);
    expect(clock.now()).toBe(3.5);
  });

  it('runs due timers in the order of due time, then of arming', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(at('c'), 20);
    clock.setTimeout(at('a'), 10);
    clock.setTimeout(at('b'), 10);
    clock.setTimeout(at('late'), 31);
    await clock.advance(30);
    expect(log).toEqual(['a@10', 'b@10', 'c@20']);
    expect([clock.now(), clock.pending]).toEqual([30, 1]);
    await clock.advance(1);
    expect(log.at(-1)).toBe('late@31');
  });

  it('never runs a timer inside setTimeout; what is due at once runs with advance(0)', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    for (const ms of [0, -5, Number.NaN]) clock.setTimeout(at(`${ms}`), ms);
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual(['0@0', '-5@0', 'NaN@0']);
  });

  it('runs timers that timers arm, if they are due', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(() => {
      at('outer')();
      clock.setTimeout(at('at once'), 0);
      clock.setTimeout(at('inner'), 5);
      clock.setTimeout(at('too late'), 50);
    }, 10);
    clock.setTimeout(at('between'), 12);
    await clock.advance(20);
    expect(log).toEqual(['outer@10', 'at once@10', 'between@12', 'inner@15']);
  });

  it('lets promises settle before the first timer, between timers and after the last', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    const later = async (name: string): Promise<void> => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      at(name)();
    };
    void later('before');
    clock.setTimeout(() => void later('after a'), 10);
    clock.setTimeout(at('b'), 10);
    clock.setTimeout(() => void later('after c'), 20);
    await clock.advance(30);
    expect(log).toEqual(['before@0', 'after a@10', 'b@10', 'after c@20']);
  });

  it('runs a timer that is armed by a promise before the first timer, at its own time', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    void Promise.resolve().then(() => clock.setTimeout(at('armed late'), 10));
    await clock.advance(10);
    expect(log).toEqual(['armed late@10']);
  });

  it('does not run what was cleared, by a timer of the same instant either', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(() => clock.clearTimeout(second), 10);
    const second = clock.setTimeout(at('second'), 10);
    const third = clock.setTimeout(at('third'), 5);
    clock.clearTimeout(third);
    clock.clearTimeout(third);
    clock.clearTimeout(undefined);
    clock.clearTimeout({});
    expect(clock.pending).toBe(2);
    await clock.advance(100);
    expect(log).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('ignores clearing a timer that has run', async () => {
    const clock = new VirtualClock();
    const timer = clock.setTimeout(() => {}, 1);
    await clock.advance(1);
    clock.clearTimeout(timer);
    expect(clock.pending).toBe(0);
  });

  it('never runs a timer of infinite delay, and does not wait for it', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    const timer = clock.setTimeout(at('never'), Infinity);
    timer.unref().ref();
    expect(clock.pending).toBe(0);
    await clock.runAll();
    await clock.advance(1e15);
    clock.clearTimeout(timer);
    expect(log).toEqual([]);
  });

  it.each([-1, Number.NaN, Infinity])('refuses to advance by %d', async (ms) => {
    await expect(new VirtualClock().advance(ms)).rejects.toThrow(RangeError);
  });

  it('serializes calls that overlap', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(at('a'), 10);
    clock.setTimeout(at('b'), 20);
    clock.setTimeout(at('c'), 50);
    await Promise.all([clock.advance(15), clock.advance(15), clock.runAll()]);
    expect(log).toEqual(['a@10', 'b@20', 'c@50']);
    expect(clock.now()).toBe(50);
  });

  it('passes on what a timer throws, stands at that timer, and goes on when told to', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(() => {
      throw new Error('from a timer');
    }, 10);
    clock.setTimeout(at('next'), 20);
    await expect(clock.advance(100)).rejects.toThrow('from a timer');
    expect([clock.now(), clock.pending]).toEqual([10, 1]);
    await clock.advance(10);
    expect(log).toEqual(['next@20']);
  });

  it('is not stopped by fake timers', async () => {
    vi.useFakeTimers();
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(at('a'), 10);
    await clock.advance(10);
    vi.useRealTimers();
    expect(log).toEqual(['a@10']);
  });

  it('forgets cleared timers, even if time stands still', () => {
    const clock = new VirtualClock();
    for (let i = 0; i < 10; i++) clock.setTimeout(() => {}, 1000);
    for (let i = 0; i < 10_000; i++) clock.clearTimeout(clock.setTimeout(() => {}, i));
    expect(clock.pending).toBe(10);
  });

  it('runs the timers that a sorted list would, whatever is armed and cleared', async () => {
    const armed = fc.record({ ms: fc.nat({ max: 50 }), isCleared: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(armed, { maxLength: 200 }), fc.nat({ max: 60 }), async (timers, end) => {
        const clock = new VirtualClock();
        const log: number[] = [];
        const handles = timers.map(({ ms }, i) => clock.setTimeout(() => log.push(i), ms));
        for (const [i, { isCleared }] of timers.entries()) if (isCleared) clock.clearTimeout(handles[i]);
        await clock.advance(end);
        const expected = timers
          .map(({ ms, isCleared }, i) => ({ ms, isCleared, i }))
          .filter(({ ms, isCleared }) => !isCleared && ms <= end)
          .toSorted((a, b) => a.ms - b.ms || a.i - b.i);
        expect(log).toEqual(expected.map(({ i }) => i));
        expect(clock.pending).toBe(timers.filter(({ ms, isCleared }) => !isCleared && ms > end).length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('VirtualClock.runAll', () => {
  it('runs everything, and stands at the last timer', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(() => clock.setTimeout(at('nested'), 1000), 10);
    await clock.runAll();
    expect(log).toEqual(['nested@1010']);
    expect([clock.now(), clock.pending]).toEqual([1010, 0]);
  });

  it('stops when only idle timers are left, having run those that were due before', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    clock.setTimeout(at('early idle'), 5).unref();
    clock.setTimeout(at('work'), 10);
    clock.setTimeout(at('late idle'), 15).unref('idle');
    await clock.runAll();
    expect(log).toEqual(['early idle@5', 'work@10']);
    expect([clock.now(), clock.pending]).toEqual([10, 1]);
  });

  it('runs timers that bound a running task, although they are unref’ed', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    unref(clock.setTimeout(at('timeout'), 10), 'running');
    await clock.runAll();
    expect(log).toEqual(['timeout@10']);
  });

  it('goes by what a timer is last said to be', async () => {
    const clock = new VirtualClock();
    const { log, at } = logging(clock);
    const a = clock.setTimeout(at('a'), 10);
    const b = clock.setTimeout(at('b'), 20);
    unref(a);
    unref(a);
    ref(a);
    ref(a);
    unref(b, 'running');
    unref(b, 'idle');
    await clock.runAll();
    expect(log).toEqual(['a@10']);
    clock.clearTimeout(b);
    unref(b, 'running');
    await clock.runAll();
    expect([clock.now(), clock.pending]).toEqual([10, 0]);
  });

  it('does nothing but settle promises when there is no timer', async () => {
    const clock = new VirtualClock();
    let isSettled = false;
    void Promise.resolve().then(() => (isSettled = true));
    await clock.runAll();
    expect([isSettled, clock.now()]).toEqual([true, 0]);
  });

  it('gives up on a timer that re-arms itself for ever', async () => {
    const clock = new VirtualClock();
    const again = (): void => void clock.setTimeout(again, 1);
    again();
    await expect(clock.runAll()).rejects.toThrow('runAll() gave up after 100000 timers');
  });
});
