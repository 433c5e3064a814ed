import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { RateWindow } from '../../src/primitives/rate.ts';

describe('RateWindow', () => {
  it('counts nothing before the first event', () => {
    const window = new RateWindow(10, 1000);
    expect([window.total(0), window.rate(0), window.total(1e9), window.rate(1e9)]).toEqual([0, 0, 0, 0]);
  });

  it('gives real rates from the start: it divides by the time since the first event, one bucket at least', () => {
    const window = new RateWindow(10, 1000);
    window.add(5000, 50);
    expect(window.rate(5000)).toBe(50);
    expect(window.rate(5500)).toBe(50);
    expect(window.rate(7000)).toBe(25);
    window.add(9000, 50);
    expect(window.rate(9000)).toBe(25);
  });

  it('is steady under a steady load, at every instant', () => {
    const window = new RateWindow(10, 1000);
    for (let now = 0; now < 60_000; now += 10) {
      window.add(now);
      if (now > 2000) expect(window.rate(now)).toBeCloseTo(100, 0);
    }
  });

  it('forgets after the window', () => {
    const window = new RateWindow(10, 1000);
    window.add(0, 7);
    expect(window.total(9999)).toBe(7);
    expect(window.total(10_000)).toBe(0);
    expect(window.rate(10_000)).toBe(0);
  });

  it('is right after a long silence', () => {
    const window = new RateWindow(10, 1000);
    for (let now = 0; now < 10_000; now += 100) window.add(now);
    window.add(1e9 + 500, 90);
    expect(window.total(1e9 + 500)).toBe(90);
    expect(window.rate(1e9 + 500)).toBeCloseTo(90 / 9.5, 6);
  });

  it('takes a clock that stands still or jumps back to be where it was', () => {
    const window = new RateWindow(10, 1000);
    for (let i = 0; i < 5; i++) window.add(3000);
    window.add(100);
    expect([window.total(3000), window.total(100), window.rate(100), window.rate(3000)]).toEqual([6, 6, 6, 6]);
  });

  it('leaves no residue of fractions', () => {
    const window = new RateWindow(3, 10);
    for (let now = 0; now < 1000; now += 3) window.add(now, 0.1 + now / 7);
    expect(window.total(2000)).toBe(0);
  });

  it('agrees with a list of all events', () => {
    const events = fc.array(
      fc.record({ after: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 2000 })), n: fc.integer({ min: 1, max: 9 }) }),
      { minLength: 1, maxLength: 100 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat({ max: 1000 }), events, (buckets, start, events) => {
        const window = new RateWindow(buckets, 10);
        const all: { bucket: number; n: number }[] = [];
        let now = start;
        for (const [i, { after, n }] of events.entries()) {
          now += i === 0 ? 0 : after;
          const first = start; // buckets are counted from the first event
          const bucket = Math.floor((now - first) / 10);
          if (i % 3 !== 2) {
            window.add(now, n);
            all.push({ bucket, n });
          }
          const oldest = Math.max(0, bucket - buckets + 1);
          const total = all.filter((event) => event.bucket >= oldest).reduce((sum, event) => sum + event.n, 0);
          expect(window.total(now)).toBe(total);
          const covered = Math.max(10, now - (first + oldest * 10));
          expect(window.rate(now)).toBeCloseTo((total * 1000) / covered, 6);
        }
      }),
    );
  });
});
