import { afterEach, describe, expect, it, vi } from 'vitest';
import { Suspension } from '../../src/primitives/suspension.ts';

/** A clock and a date that go on together, until the computer sleeps or somebody sets the date. */
function computer() {
  let now = 0;
  let date = 1_800_000_000_000;
  vi.spyOn(Date, 'now').mockImplementation(() => date);
  const clock = { now: () => now, setTimeout: () => 0, clearTimeout: () => {} };
  return {
    suspension: new Suspension(clock),
    run: (ms: number) => {
      now += ms;
      date += ms;
    },
    set: (ms: number) => void (date += ms),
  };
}

afterEach(() => vi.restoreAllMocks());

describe('Suspension', () => {
  it('adds up by how much the date has run ahead of the clock between two looks', () => {
    const { suspension, run, set } = computer();
    run(3_600_000);
    expect(suspension.total()).toBe(0);
    set(60_000);
    expect([suspension.total(), suspension.total()]).toEqual([60_000, 60_000]);
    run(1_000);
    set(5_000);
    expect(suspension.total()).toBe(65_000);
  });

  it('takes less than 5 s for a pause of the process or an adjusted date', () => {
    const { suspension, set } = computer();
    for (let i = 0; i < 10; i++) {
      set(4_999);
      expect(suspension.total()).toBe(0);
    }
  });

  it('does not count a date that is set back, and counts on from there', () => {
    const { suspension, set } = computer();
    set(-3_600_000);
    expect(suspension.total()).toBe(0);
    set(7_000);
    expect(suspension.total()).toBe(7_000);
  });
});
