import { describe, expect, it } from 'vitest';
import { explain } from '../../src/scaling/explain.ts';

const INPUT = {
  now: 0,
  queued: 40,
  running: 4,
  idle: 6,
  starting: 0,
  workers: 4,
  workerCount: 4,
  maxWorkerCount: 32,
  arrivalRate: 240,
  completionRate: 159.4,
  refusals: 0,
  serviceTime: 51.2345,
  creationTime: 100,
  oldestWait: 1234.5,
};

describe('explain', () => {
  it.each([
    ['rate', 'from 4 to 9 workers: 240 tasks/s arrive and take 51.2 ms each'],
    ['backlog', 'from 4 to 9 workers: 40 tasks wait, of 51.2 ms each'],
    ['starved', 'from 4 to 9 workers: a task has waited for 1230 ms and no worker was on its way'],
    ['repair', 'from 4 to 9 workers: there were fewer than workerCount'],
    ['idle', 'from 4 to 9 workers: those above workerCount have idled for idleTimeout'],
    ['unpaid', 'from 4 to 9 workers: more get more done again, 159 tasks/s'],
    ['custom', 'from 4 to 9 workers: the Scaler asked for it'],
  ] as const)('says why in words: %s', (reason, message) => {
    expect(explain(4, 9, reason, INPUT)).toBe(message);
  });

  it('says why fewer are enough, or as many as there were are too many', () => {
    expect(explain(32, 10, 'unpaid', INPUT)).toBe('from 32 to 10 workers: more get no more done than 159 tasks/s');
    expect(explain(12, 9, 'unpaid', { ...INPUT, refusals: 3 })).toBe(
      'from 12 to 9 workers: tasks were refused, since there were too many at once',
    );
  });

  it('leaves out what is not known, and counts right', () => {
    expect(explain(1, 2, 'backlog', { ...INPUT, queued: 1, serviceTime: 0 })).toBe('from 1 to 2 workers: 1 task waits');
  });
});
