import { afterEach, expect, test, vi } from 'vitest';
import { limitsOf, tooLateToBegin, tooLateToGoOn } from '../../src/basics/limits.ts';

afterEach(() => void vi.useRealTimers());

const task = (limits: ReturnType<typeof limitsOf>) => ({ id: 'a', name: 'run', limits });

test('a task may wait for its queueTimeout when its delay is over', () => {
  const late = task(limitsOf({ queueTimeout: 10, delay: 100 }, 1_000));
  expect(tooLateToBegin(late, 1_109)).toBeUndefined();
  expect(tooLateToBegin(late, 1_110)).toMatchObject({ code: 'QUEUE_TIMEOUT' });
  expect(tooLateToGoOn(late, 9_999)).toBeUndefined();
});

test('a deadline is an instant, or counts from the submission', () => {
  vi.setSystemTime(1_000);
  for (const deadline of [500, new Date(1_500)]) {
    const late = task(limitsOf({ deadline, delay: 100 }, 1_000));
    expect(tooLateToGoOn(late, 1_499)).toBeUndefined();
    expect(tooLateToBegin(late, 1_500)).toMatchObject({
      code: 'DEADLINE',
      message: 'task a "run" passed its deadline, 1970-01-01T00:00:01.500Z',
    });
  }
});

test('what never comes is no limit', () => {
  expect(limitsOf({}, 0)).toEqual({});
  expect(limitsOf({ queueTimeout: Infinity, deadline: 1e300 }, 0)).toEqual({});
});
