import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import { ref, systemClock as realClock, unref } from '../../src/primitives/clock.ts';
import type { Clock } from '../../src/primitives/clock.ts';

const DAY = 24 * 60 * 60 * 1000;

describe('systemClock', () => {
  let systemClock: Clock;
  let spy: MockInstance<typeof setTimeout>;
  const hasRef = (): boolean | undefined => (spy.mock.results.at(-1)?.value as NodeJS.Timeout | undefined)?.hasRef();

  // It takes what is there when its module is loaded.
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
    spy = vi.spyOn(globalThis, 'setTimeout');
    vi.resetModules();
    ({ systemClock } = await import('../../src/primitives/clock.ts'));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('tells the time of performance.now()', () => {
    const before = systemClock.now();
    vi.advanceTimersByTime(5);
    expect(systemClock.now() - before).toBe(5);
  });

  it('calls a function once, when its time has come', () => {
    const fn = vi.fn<() => void>();
    systemClock.setTimeout(fn, 10);
    vi.advanceTimersByTime(9);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('does not cut off fractions: a timer would be early', () => {
    const fn = vi.fn<() => void>();
    systemClock.setTimeout(fn, 1.2);
    vi.advanceTimersByTime(1);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('does not call what was cleared, and ignores what is no timer', () => {
    const fn = vi.fn<() => void>();
    systemClock.clearTimeout(systemClock.setTimeout(fn, 10));
    systemClock.clearTimeout(undefined);
    vi.advanceTimersByTime(100);
    expect(fn).not.toHaveBeenCalled();
  });

  it('waits longer than a runtime can, in steps', () => {
    const fn = vi.fn<() => void>();
    systemClock.setTimeout(fn, 60 * DAY);
    vi.advanceTimersByTime(60 * DAY - 1);
    expect(fn).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fn).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('clears a long timer, at any step', () => {
    const fn = vi.fn<() => void>();
    const handle = systemClock.setTimeout(fn, 60 * DAY);
    vi.advanceTimersByTime(40 * DAY);
    systemClock.clearTimeout(handle);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(40 * DAY);
    expect(fn).not.toHaveBeenCalled();
  });

  it('never fires a timer of infinite delay, and arms nothing for it', () => {
    const handle = systemClock.setTimeout(() => {}, Infinity);
    expect(vi.getTimerCount()).toBe(0);
    ref(handle);
    unref(handle);
    systemClock.clearTimeout(handle);
  });

  it('keeps a long timer unref’ed from step to step, until it is ref’ed again', () => {
    const handle = systemClock.setTimeout(() => {}, 90 * DAY);
    unref(handle);
    vi.advanceTimersByTime(30 * DAY);
    expect(hasRef()).toBe(false);
    ref(handle);
    expect(hasRef()).toBe(true);
    vi.advanceTimersByTime(30 * DAY);
    expect(hasRef()).toBe(true);
    systemClock.clearTimeout(handle);
  });
});

describe('systemClock under fake timers that came after it', () => {
  it('is the real one', async () => {
    vi.useFakeTimers();
    const before = realClock.now();
    await new Promise<void>((resolve) => void realClock.setTimeout(resolve, 1));
    expect(realClock.now()).toBeGreaterThan(before);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe('ref and unref', () => {
  it('call the method of the handle and say why', () => {
    const log: unknown[] = [];
    const handle = {
      ref: (...args: unknown[]) => log.push(['ref', ...args]),
      unref: (...args: unknown[]) => log.push(['unref', ...args]),
    };
    ref(handle);
    unref(handle);
    unref(handle, 'running');
    expect(log).toEqual([['ref'], ['unref', 'idle'], ['unref', 'running']]);
  });

  it('do without such a method', () => {
    for (const handle of [undefined, null, 7, 'x', {}]) {
      ref(handle);
      unref(handle);
    }
  });

  it('work on the numbers that Deno has for timers', () => {
    const log: unknown[] = [];
    vi.stubGlobal('Deno', {
      refTimer: (id: number) => log.push(['ref', id]),
      unrefTimer: (id: number) => log.push(['unref', id]),
    });
    unref(7);
    ref(7);
    vi.stubGlobal('Deno', {});
    ref(7);
    unref(7);
    vi.unstubAllGlobals();
    expect(log).toEqual([
      ['unref', 7],
      ['ref', 7],
    ]);
  });

  it('tell Node whether a timer keeps the process alive', () => {
    const handle = realClock.setTimeout(() => {}, 1000) as NodeJS.Timeout;
    expect(handle.hasRef()).toBe(true);
    unref(handle);
    expect(handle.hasRef()).toBe(false);
    ref(handle);
    expect(handle.hasRef()).toBe(true);
    realClock.clearTimeout(handle);
  });
});

describe('ProcessHold', () => {
  it('holds a timer until it is released', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    vi.resetModules();
    const { ProcessHold } = await import('../../src/primitives/clock.ts');
    const hold = new ProcessHold();
    expect([hold.isHeld, vi.getTimerCount()]).toEqual([false, 0]);
    hold.set(true);
    expect([hold.isHeld, vi.getTimerCount()]).toEqual([true, 1]);
    vi.advanceTimersToNextTimer();
    expect(vi.getTimerCount()).toBe(1);
    hold.set(false);
    expect([hold.isHeld, vi.getTimerCount()]).toEqual([false, 0]);
    const other = new ProcessHold();
    other.set(true);
    hold.set(false);
    expect(vi.getTimerCount()).toBe(1);
    other.set(false);
    vi.useRealTimers();
  });
});
