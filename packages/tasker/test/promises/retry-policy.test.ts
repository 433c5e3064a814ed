import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { TaskOptions, TaskerError, Verdict } from '../../src/index.ts';
import { fail, OWN } from '../support/failures.ts';
import { harness, start, watch } from '../support/harness.ts';
import { unhandled } from '../support/unhandled.ts';

const KEEP: Verdict = { resource: 'keep', task: 'retry' };

describe('garbage from checkHealth', () => {
  const garbage: [string, unknown][] = [
    ['an empty object', {}],
    ['a verdict without a task side', { resource: 'keep' }],
    ['a verdict without a resource side', { task: 'retry' }],
    ['a misspelt side', { resource: 'keep', task: 'retry!' }],
    ['a promise', Promise.resolve(false)],
    ['nothing', undefined],
    ['a string', 'sick'],
    ['0', 0],
    ['null', null],
  ];
  for (const [what, value] of garbage) {
    it(`is reported and counts as healthy: ${what}`, async () => {
      const sources: string[] = [];
      const { manager, clock, fakes } = await start({ checkHealth: () => value as never });
      manager.on('error', ({ source }) => sources.push(source));
      const outcome = watch(manager.queueTask(fail));
      await clock.advance(1_000);
      expect([outcome.error, sources, fakes.destroyed]).toEqual([OWN, ['checkHealth'], 0]);
    });
  }

  for (const after of [-1, NaN, Infinity, '5', new Date(NaN)]) {
    it(`an after that is ${String(after)} is reported, and the default backoff is used`, async () => {
      const errors: unknown[] = [];
      const { manager, clock } = await start({
        maxRetries: 1,
        checkHealth: () => ({ resource: 'keep', task: 'retry', after: after as never }),
      });
      manager.on('error', ({ source, error }) => errors.push(source, (error as Error).message));
      let runs = 0;
      const outcome = watch(manager.queueTask(() => (runs++ === 0 ? fail() : runs)));
      await clock.advance(100);
      expect([outcome.value, errors[0]]).toEqual([2, 'checkHealth']);
      expect(errors[1]).toMatch(
        /^the after of a Verdict must be a finite number of milliseconds, 0 or more, or a valid Date, got /,
      );
    });
  }

  it('an async checkHealth that rejects leaves no unhandled rejection', async () => {
    const { manager, clock } = await start({
      checkHealth: (() => Promise.reject(new Error('asynchronous check'))) as never,
    });
    const outcome = watch(manager.queueTask(fail));
    await clock.advance(0);
    expect([outcome.error, unhandled]).toEqual([OWN, []]);
  });

  it('`after` of a verdict that fails the task means nothing', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'fail', after: 1_000 }) });
    const outcome = watch(manager.queueTask(fail));
    await clock.advance(0);
    expect(outcome.error).toBe(OWN);
  });
});

async function runs(config: object, options: TaskOptions = {}): Promise<number> {
  const { manager, clock } = await start({ checkHealth: () => ({ ...KEEP, after: 1 }), ...config });
  let count = 0;
  watch(
    manager.queueTask(() => {
      count++;
      throw OWN;
    }, options),
  );
  await clock.advance(1_000);
  return count;
}

describe('retry policy: how often', () => {
  it("a task's retry wins over config.retry, which wins over maxRetries, which is 3", async () => {
    expect(await runs({})).toBe(4);
    expect(await runs({ maxRetries: 1 })).toBe(2);
    expect(await runs({ maxRetries: 1, retry: {} })).toBe(2);
    expect(await runs({ maxRetries: 1, retry: { maxRetries: 2 } })).toBe(3);
    expect(await runs({ maxRetries: 1, retry: { maxRetries: 2 } }, { retry: { maxRetries: 5 } })).toBe(6);
    expect(await runs({ maxRetries: 1, retry: { maxRetries: 2 } }, { retry: { maxRetries: 0 } })).toBe(1);
    expect(await runs({ maxRetries: 1, retry: { maxRetries: 2 } }, { retry: {} })).toBe(3);
    expect(await runs({ maxRetries: 1, retry: { maxRetries: 2 } }, { retry: false })).toBe(1);
    expect(await runs({ maxRetries: 1, retry: { backoff: () => 0 } })).toBe(2);
  });

  it('maxRetries 0 exhausts on the first run, retry: false rejects with the own error', async () => {
    const { manager, clock } = await start({ maxRetries: 0, checkHealth: () => KEEP });
    const exhausted = watch(manager.queueTask(fail));
    const once = watch(manager.queueTask(fail, { retry: false }));
    await clock.advance(0);
    expect(isTaskerError(exhausted.error, 'RETRIES_EXHAUSTED')).toBe(true);
    expect([(exhausted.error as Error).cause, once.error]).toEqual([OWN, OWN]);
  });

  it('queueTaskOnce never runs twice, whatever its own retry says', async () => {
    const { manager, clock } = await start({ checkHealth: () => KEEP });
    let count = 0;
    const task = (): never => {
      count++;
      throw OWN;
    };
    const all = [
      watch(manager.queueTaskOnce(task, { retry: { maxRetries: 5 } })),
      watch(manager.queueTaskWithPriorityOnce(task, { retry: { maxRetries: 5 } })),
    ];
    await clock.advance(100_000);
    expect([count, all.map(({ error }) => error)]).toEqual([2, [OWN, OWN]]);
  });

  it('rejects a policy that is none, and a budget of a task', async () => {
    const { manager, clock } = await start();
    const wrong = [
      true,
      3,
      { maxRetries: -1 },
      { maxRetries: 1.5 },
      { backoff: 5 },
      { budget: { ratio: 1, minPerSecond: 1 } },
    ];
    const all = wrong.map((retry) => watch(manager.queueTask(() => 1, { retry: retry as never })));
    await clock.advance(0);
    expect(all.map(({ error }) => isTaskerError(error, 'INVALID_CONFIG'))).toEqual(wrong.map(() => true));
  });
});

/** When each run of a task that never works starts. */
async function times(config: object, options: TaskOptions = {}, until = 100_000): Promise<number[]> {
  const { manager, clock } = await start({ checkHealth: () => KEEP, scaling: 'off', ...config });
  const starts: number[] = [];
  watch(
    manager.queueTask(() => {
      starts.push(clock.now());
      throw OWN;
    }, options),
  );
  await clock.advance(until);
  return starts;
}

describe('retry policy: when', () => {
  it('after keep + retry: full jitter from 100 ms doubling to 5 s', async () => {
    const { manager, clock } = await start({
      workerCount: 300,
      maxWorkerCount: 300,
      maxRetries: 8,
      checkHealth: () => KEEP,
    });
    const starts: number[][] = Array.from({ length: 300 }, () => []);
    for (const times of starts) {
      watch(
        manager.queueTask(() => {
          times.push(clock.now());
          throw OWN;
        }),
      );
    }
    await clock.advance(100_000);
    [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].forEach((most, i) => {
      const shares = starts.map((times) => ((times[i + 1] ?? NaN) - (times[i] ?? NaN)) / most);
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...shares)).toBeLessThanOrEqual(1.000_001);
      expect(Math.min(...shares)).toBeLessThan(0.1);
      expect(Math.max(...shares)).toBeGreaterThan(0.9);
    });
  });

  it('after a replacement: at once', async () => {
    expect(await times({ maxRetries: 3, checkHealth: () => false })).toEqual([0, 0, 0, 0]);
  });

  it("a task's backoff wins over the manager's, and is told the number of the retry", async () => {
    const log: number[] = [];
    const starts = await times(
      { maxRetries: 3, retry: { backoff: () => 9_999 } },
      { retry: { backoff: (attempt) => (log.push(attempt), attempt * 10) } },
    );
    expect([starts, log]).toEqual([
      [0, 10, 30, 60],
      [1, 2, 3],
    ]);
  });

  it("an own maxRetries leaves the manager's backoff as it is", async () => {
    expect(await times({ retry: { backoff: () => 7 } }, { retry: { maxRetries: 2 } })).toEqual([0, 7, 14]);
  });

  it("the manager's backoff holds after a replacement, too", async () => {
    expect(await times({ maxRetries: 2, checkHealth: () => false, retry: { backoff: () => 30 } })).toEqual([0, 30, 60]);
  });

  it('a verdict without `after` goes by the backoff, one with it does not', async () => {
    let run = 0;
    const checkHealth = (): Verdict => (++run === 2 ? { ...KEEP, after: 3 } : KEEP);
    expect(await times({ maxRetries: 3, retry: { backoff: () => 20 }, checkHealth })).toEqual([0, 20, 23, 43]);
  });
});

describe('retry policy: budget', () => {
  it('refuses what exceeds ratio × arrivals + minPerSecond × 10, with RETRIES_EXHAUSTED and the cause', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      maxRetries: 1,
      checkHealth: () => ({ ...KEEP, after: 0 }),
      retry: { budget: { ratio: 0.2, minPerSecond: 0.1 } },
    });
    const all = Array.from({ length: 10 }, () => watch(manager.queueTask(fail)));
    await clock.advance(1);
    expect(manager.metrics().totalTasksRetried).toBe(3); // 0.2 × 10 + 0.1 × 10
    for (const { error } of all) {
      expect([isTaskerError(error, 'RETRIES_EXHAUSTED'), (error as TaskerError).cause]).toEqual([true, OWN]);
    }
    expect(all.at(-1)?.error).toMatchObject({ message: expect.stringContaining('budget') });
  });

  it('recovers as the last 10 s pass', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      maxRetries: 1,
      checkHealth: () => ({ ...KEEP, after: 0 }),
      retry: { budget: { ratio: 0, minPerSecond: 0.2 } },
    });
    const burst = async (): Promise<number> => {
      const before = manager.metrics().totalTasksRetried;
      for (let i = 0; i < 5; i++) watch(manager.queueTask(fail));
      await clock.advance(1);
      return manager.metrics().totalTasksRetried - before;
    };
    const retried = [await burst(), await burst()];
    await clock.advance(12_000);
    retried.push(await burst());
    expect(retried).toEqual([2, 0, 2]);
  });

  it('0 and 0 allow no retry at all; no budget allows all', async () => {
    for (const [retry, expected] of [
      [{ budget: { ratio: 0, minPerSecond: 0 } }, 0],
      [{}, 3],
    ] as const) {
      const { manager, clock } = await start({ checkHealth: () => ({ ...KEEP, after: 0 }), retry });
      watch(manager.queueTask(fail));
      await clock.advance(10);
      expect(manager.metrics().totalTasksRetried).toBe(expected);
    }
  });

  it('is not spent by tasks that may not be retried, nor by those that have run often enough', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      maxRetries: 1,
      checkHealth: () => ({ ...KEEP, after: 0 }),
      retry: { budget: { ratio: 0, minPerSecond: 0.1 } },
    });
    watch(manager.queueTaskOnce(fail));
    watch(manager.runTask(fail));
    watch(manager.queueTask(fail, { retry: { maxRetries: 0 } }));
    await clock.advance(1);
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw OWN;
        return 'retried';
      }),
    );
    await clock.advance(1);
    expect(outcome.value).toBe('retried');
  });

  it('has to be complete and not negative', async () => {
    const { manage } = harness();
    for (const budget of [
      { ratio: 1 },
      { minPerSecond: 1 },
      { ratio: -1, minPerSecond: 1 },
      { ratio: NaN, minPerSecond: 1 },
    ]) {
      await expect(manage({ retry: { budget: budget as never } })).rejects.toSatisfy((error) =>
        isTaskerError(error, 'INVALID_CONFIG'),
      );
    }
  });
});
