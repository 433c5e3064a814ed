import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { Verdict } from '../../src/index.ts';
import { fail, OWN } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';

describe('a healthy error', () => {
  it('rejects at once, with the same object, and is not retried', async () => {
    let runs = 0;
    const { manager, clock, fakes } = await start({
      checkHealth: () => true,
      retry: { maxRetries: 5, backoff: () => 100 },
    });
    const outcome = watch(
      manager.queueTask(() => {
        runs++;
        throw OWN;
      }),
    );
    await clock.advance(0);
    expect([outcome.error, runs, fakes.created]).toEqual([OWN, 1, 1]);
    expect(manager.metrics()).toMatchObject({ totalTasksFailed: 1, totalTasksRetried: 0 });
    await clock.advance(10_000);
    expect(runs).toBe(1);
  });

  it('is what every error is without checkHealth', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 1 });
    const all = [watch(manager.queueTask(fail)), watch(manager.queueTaskOnce(fail)), watch(manager.runTask(fail))];
    await clock.advance(0);
    expect(all.map(({ error }) => error)).toEqual([OWN, OWN, OWN]);
    expect([fakes.created, fakes.destroyed]).toEqual([2, 0]);
  });

  it('rejects at once even after earlier unhealthy runs of the same task', async () => {
    const { manager, clock } = await start({ checkHealth: (error) => error === OWN });
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        throw attempt < 3 ? new Error('sick') : OWN;
      }),
    );
    await clock.advance(100);
    expect(outcome.error).toBe(OWN);
  });

  it('does not disturb the other tasks of the worker', async () => {
    const { manager } = await start();
    const all = [manager.queueTask(fail), manager.queueTask(() => 'fine'), manager.queueTask(fail)];
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
  });
});

/** What becomes of a task whose first run fails, and of its resource, under a verdict. */
async function judge(verdict: boolean | Verdict, method: 'queueTask' | 'queueTaskOnce' | 'runTask' = 'queueTask') {
  const { manager, clock, fakes } = await start({ resourcePoolSize: 1, scaling: 'off', checkHealth: () => verdict });
  let runs = 0;
  const outcome = watch(
    manager[method](() => {
      if (++runs === 1) throw OWN;
      return 'retried';
    }),
  );
  await clock.advance(10_000);
  return { result: outcome.value ?? outcome.error, runs, replaced: fakes.destroyed };
}

describe('a Verdict says both sides apart', () => {
  it('keep and fail: the error rejects, the resource goes on; `true` is short for it', async () => {
    const expected = { result: OWN, runs: 1, replaced: 0 };
    expect(await judge({ resource: 'keep', task: 'fail' })).toEqual(expected);
    expect(await judge(true)).toEqual(expected);
  });

  it('replace and fail: the error rejects unwrapped, the resource is replaced', async () => {
    expect(await judge({ resource: 'replace', task: 'fail' })).toEqual({ result: OWN, runs: 1, replaced: 1 });
  });

  it('keep and retry: the task runs again, the resource goes on', async () => {
    expect(await judge({ resource: 'keep', task: 'retry' })).toEqual({ result: 'retried', runs: 2, replaced: 0 });
  });

  it('replace and retry: both; `false` is short for it', async () => {
    const expected = { result: 'retried', runs: 2, replaced: 1 };
    expect(await judge({ resource: 'replace', task: 'retry' })).toEqual(expected);
    expect(await judge(false)).toEqual(expected);
  });

  it('after: ms to wait before the retry, which wins over every backoff', async () => {
    for (const resource of ['keep', 'replace'] as const) {
      const { manager, clock } = await start({
        scaling: 'off',
        checkHealth: () => ({ resource, task: 'retry', after: 250 }),
        retry: { backoff: () => 9_000 },
      });
      const outcome = watch(
        manager.queueTask(
          (_, { attempt }) => {
            if (attempt === 1) throw OWN;
            return 'retried';
          },
          { retry: { backoff: () => 8_000 } },
        ),
      );
      await clock.advance(249);
      expect(outcome.state).toBe('pending');
      await clock.advance(1);
      expect(outcome.value).toBe('retried');
    }
  });

  it('after: 0 means at once', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
      retry: { backoff: () => 9_000 },
    });
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt === 1) throw OWN;
        return 'retried';
      }),
    );
    await clock.advance(0);
    expect(outcome.value).toBe('retried');
  });

  it('a task that must not run twice fails with its own error, the resource is judged all the same', async () => {
    for (const method of ['queueTaskOnce', 'runTask'] as const) {
      expect(await judge({ resource: 'keep', task: 'retry' }, method)).toEqual({ result: OWN, runs: 1, replaced: 0 });
      expect(await judge({ resource: 'replace', task: 'retry' }, method)).toEqual({
        result: OWN,
        runs: 1,
        replaced: 1,
      });
    }
  });

  it('retries of a kept resource are counted and exhausted like others', async () => {
    const { manager, clock } = await start({
      maxRetries: 2,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10 }),
    });
    const outcome = watch(manager.queueTask(fail));
    await clock.advance(1_000);
    expect(isTaskerError(outcome.error, 'RETRIES_EXHAUSTED')).toBe(true);
    expect((outcome.error as Error).cause).toBe(OWN);
    expect(manager.metrics().totalTasksRetried).toBe(2);
  });

  it('may change from run to run', async () => {
    const verdicts: (boolean | Verdict)[] = [
      { resource: 'keep', task: 'retry', after: 5 },
      false,
      { resource: 'replace', task: 'fail' },
    ];
    const { manager, clock, fakes } = await start({ scaling: 'off', checkHealth: () => verdicts.shift() ?? true });
    const outcome = watch(manager.queueTask(fail));
    await clock.advance(100);
    expect([outcome.error, fakes.reasons, verdicts.length]).toEqual([OWN, ['sick', 'sick'], 0]);
  });
});
