import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pulse } from '../../src/web/pulse.ts';

let now = 0;
const looks: number[] = [];
let takes = 0;
let isWatched = true;
let pulse: Pulse;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  now = takes = 0;
  isWatched = true;
  looks.length = 0;
  pulse = new Pulse(
    () => {
      looks.push(now);
      now += takes;
    },
    () => isWatched,
  );
});

afterEach(() => {
  pulse.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function pass(ms: number): void {
  for (const end = now + ms; now < end; now += 10) vi.advanceTimersByTime(10);
}

test('it looks every five seconds, and every second while somebody watches', () => {
  isWatched = false;
  pass(10_500);
  expect(looks).toHaveLength(2);
  isWatched = true;
  pulse.hurry();
  pass(5_000);
  expect(looks.length).toBeGreaterThanOrEqual(6);
  expect(looks.length).toBeLessThanOrEqual(8);
});

test('whatever is done, it looks ten times a second at most', () => {
  pass(1_000);
  for (let i = 0; i < 100; i++) {
    pulse.hurry();
    pass(10);
  }
  expect(looks.length).toBeGreaterThan(5);
  expect(looks.length).toBeLessThanOrEqual(12);
});

test('looks that take long are at most 2 % of the time, hurried or not', () => {
  takes = 100;
  pass(1_000);
  for (let i = 0; i < 6_000; i++) {
    pulse.hurry();
    pass(10);
  }
  const lasting = looks.length * takes;
  expect(looks.length).toBeGreaterThan(5);
  expect(lasting / now).toBeLessThan(0.025);
});

test('a look that fails is told, and ends neither the looks nor the program', () => {
  pulse.close();
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  const error = new Error('no');
  const failing = new Pulse(
    () => {
      throw error;
    },
    () => true,
  );
  failing.hurry();
  pass(2_900);
  expect(logged.mock.calls).toEqual(Array.from({ length: 3 }, () => [expect.stringContaining('failed'), error]));
  failing.close();
});

test('nothing is looked at once it is closed', () => {
  pulse.hurry();
  pulse.close();
  pulse.hurry();
  pass(20_000);
  expect(looks).toEqual([]);
});
