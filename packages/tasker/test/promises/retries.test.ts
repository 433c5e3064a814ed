import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { TaskContext, TaskManager, TaskerError, Verdict } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import { fail, OWN, SICK } from '../support/failures.ts';
import { harness, start, watch } from '../support/harness.ts';

describe('a task on an unhealthy resource', () => {
  it('is retried up to maxRetries times, 3 unless told otherwise, then rejects with RETRIES_EXHAUSTED and the last error', async () => {
    for (const maxRetries of [undefined, 0, 1, 5]) {
      const { manager, clock } = await start({
        checkHealth: () => false,
        ...(maxRetries !== undefined && { maxRetries }),
      });
      const errors: Error[] = [];
      const outcome = watch(
        manager.queueTask((_, { attempt }) => {
          const error = new Error(`run ${attempt}`);
          errors.push(error);
          throw error;
        }),
      );
      await clock.advance(100);
      expect(errors).toHaveLength((maxRetries ?? 3) + 1);
      expect(isTaskerError(outcome.error, 'RETRIES_EXHAUSTED')).toBe(true);
      expect((outcome.error as Error).cause).toBe(errors.at(-1));
      expect((outcome.error as TaskerError).task).toMatchObject({ attempt: errors.length, state: 'failed' });
    }
  });

  it('succeeds if a retry does', async () => {
    const { manager } = await start({ checkHealth: () => false });
    const result = await manager.queueTask((_, { attempt }) => {
      if (attempt <= 3) throw SICK;
      return attempt;
    });
    expect(result).toBe(4);
    expect(manager.metrics()).toMatchObject({
      totalTasksArrived: 1,
      totalTasksCompleted: 1,
      totalTasksFailed: 0,
      totalTasksRetried: 3,
    });
  });

  it("follows the task's own retry before config.retry, and that before config.maxRetries", async () => {
    const { clock, manage } = harness();
    const runs = async (manager: TaskManager<FakeResource>, retry?: { maxRetries?: number }): Promise<number> => {
      let n = 0;
      watch(
        manager.queueTask(
          () => {
            n++;
            throw SICK;
          },
          { ...(retry && { retry }) },
        ),
      );
      await clock.advance(100);
      return n;
    };
    const both = await manage({ checkHealth: () => false, maxRetries: 1, retry: { maxRetries: 2 } });
    expect(await runs(both)).toBe(3);
    expect(await runs(both, { maxRetries: 4 })).toBe(5);
    expect(await runs(both, { maxRetries: 0 })).toBe(1);
    expect(await runs(both, {})).toBe(3);
  });

  it('is retried on another resource than the one that failed it', async () => {
    const { manager } = await start({ workerCount: 2, checkHealth: () => false });
    const used: number[] = [];
    await manager.queueTask((resource, { attempt }) => {
      used.push(resource.id);
      if (attempt < 4) throw SICK;
    });
    expect(new Set(used).size).toBe(4);
  });

  it('runs again on whichever worker is free first: no worker need be made for it', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: (n) => (n > 2 ? 60_000 : 0) },
      workerCount: 2,
      checkHealth: () => false,
      createTimeout: 100_000,
    });
    const used: number[] = [];
    const busy = watch(manager.queueTask((resource) => resource.work(10)));
    const outcome = watch(
      manager.queueTask((resource, { attempt }) => {
        used.push(resource.id);
        if (attempt === 1) throw SICK;
      }),
    );
    await clock.advance(9);
    expect([used.length, manager.stats().queuedTasks]).toEqual([1, 1]);
    await clock.advance(1);
    expect([busy.state, outcome.state, used.length, fakes.created]).toEqual(['fulfilled', 'fulfilled', 2, 2]);
    await clock.advance(60_000);
  });

  it('holds no worker while it waits', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      checkHealth: () => ({ resource: 'replace', task: 'retry', after: 1_000 }),
    });
    const log: string[] = [];
    const retried = watch(
      manager.queueTask((_, { attempt }) => {
        log.push(`retried ${attempt}`);
        if (attempt === 1) throw SICK;
      }),
    );
    await clock.advance(1);
    expect(manager.stats()).toMatchObject({ runningTasks: 0, idleWorkers: 1, retryingTasks: 1 });
    const other = watch(manager.queueTask((resource) => resource.work(10).then(() => void log.push('other'))));
    await clock.advance(10);
    expect([other.state, retried.state]).toEqual(['fulfilled', 'pending']);
    await clock.advance(989);
    expect([log, retried.state]).toEqual([['retried 1', 'other', 'retried 2'], 'fulfilled']);
  });

  it('never runs twice with *Once or retry: false, but rejects with its own error', async () => {
    const { manager, clock, fakes } = await start({ workerCount: 2, checkHealth: () => false });
    let runs = 0;
    const fail = (): never => {
      runs++;
      throw SICK;
    };
    const all = [
      manager.queueTaskOnce(fail),
      manager.queueTaskWithPriorityOnce(fail),
      manager.queueTask(fail, { retry: false }),
      manager.queueTaskWithPriority(fail, { retry: false }),
      manager.queueTaskOnce(fail, { retry: { maxRetries: 5 } }),
    ].map(watch);
    await clock.advance(1_000);
    expect(all.map(({ error }) => error)).toEqual([SICK, SICK, SICK, SICK, SICK]);
    expect([runs, fakes.reasons]).toEqual([5, ['sick', 'sick', 'sick', 'sick', 'sick']]);
  });

  it('is retried by default without a delay after a replacement', async () => {
    const { manager, clock } = await start({ checkHealth: () => false });
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        if (attempt < 4) throw SICK;
        return 'done';
      }),
    );
    await clock.advance(0);
    expect(outcome.value).toBe('done');
  });

  it('waits as long as backoff says, which is told the number of the retry', async () => {
    const log: string[] = [];
    const { manager, clock } = await start({
      checkHealth: () => false,
      retry: { maxRetries: 2, backoff: (attempt) => (log.push(`backoff ${attempt}`), attempt * 100) },
    });
    const outcome = watch(
      manager.queueTask((_, { attempt }) => {
        log.push(`run ${attempt} at ${clock.now()}`);
        throw SICK;
      }),
    );
    const began = clock.now();
    await clock.advance(1_000);
    expect(log).toEqual([
      `run 1 at ${began}`,
      'backoff 1',
      `run 2 at ${began + 100}`,
      'backoff 2',
      `run 3 at ${began + 300}`,
    ]);
    expect(isTaskerError(outcome.error, 'RETRIES_EXHAUSTED')).toBe(true);
  });

  it("waits as long as its own backoff says, before the manager's", async () => {
    const { manager, clock } = await start({ checkHealth: () => false, retry: { backoff: () => 5_000 } });
    const outcome = watch(
      manager.queueTask(
        (_, { attempt }) => {
          if (attempt === 1) throw SICK;
          return 'done';
        },
        { retry: { backoff: () => 7 } },
      ),
    );
    await clock.advance(6);
    expect(outcome.state).toBe('pending');
    await clock.advance(1);
    expect(outcome.value).toBe('done');
  });

  it('is refused a retry once the budget of the last 10 s is spent', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      checkHealth: () => false,
      retry: { maxRetries: 100, budget: { ratio: 0.5, minPerSecond: 0.3 } },
    });
    // 4 arrivals: 0.5 * 4 + 0.3 * 10 = 5 retries in all
    const all = [1, 2, 3, 4].map(() => watch(manager.queueTask(fail)));
    await clock.advance(100);
    expect(all.every(({ error }) => isTaskerError(error, 'RETRIES_EXHAUSTED'))).toBe(true);
    expect(manager.metrics()).toMatchObject({ totalTasksRetried: 5, totalTasksFailed: 4 });
    await clock.advance(11_000);
    const later = watch(manager.queueTask(fail));
    await clock.advance(100);
    // 0.5 * 1 + 3 = 3.5: three more
    expect([later.state, manager.metrics().totalTasksRetried]).toEqual(['rejected', 8]);
  });

  it('shows checkHealth the error, the resource and the task', async () => {
    const seen: unknown[] = [];
    const { manager, fakes } = await start({
      checkHealth: (error, { resource, task }) => {
        seen.push(error, resource, task);
        return true;
      },
    });
    await expect(manager.queueTask(fail, { name: 'mail', priority: 2, key: 'a' })).rejects.toBe(OWN);
    expect(seen.slice(0, 2)).toEqual([OWN, fakes.all[0]]);
    expect(seen[2]).toMatchObject({ name: 'mail', key: 'a', priority: 2, attempt: 1, state: 'running' });
  });
});

const keepAndRetry = (): Verdict => ({ resource: 'keep', task: 'retry', after: 0 });

function recording(used: number[], runs = 2) {
  return (resource: FakeResource, { attempt }: TaskContext): void => {
    used.push(resource.id);
    if (attempt < runs) throw SICK;
  };
}

describe('a retry on a kept resource', () => {
  it('does not run on the resource that failed it while another worker is idle', async () => {
    const { manager, clock } = await start({ workerCount: 2, scaling: 'off', checkHealth: keepAndRetry });
    for (let i = 0; i < 4; i++) {
      const used: number[] = [];
      watch(manager.queueTask(recording(used)));
      await clock.advance(10);
      expect(new Set(used).size, `used ${used.join(', ')}`).toBe(2);
    }
  });

  it('does not run on it after a backoff, either', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      scaling: 'off',
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }),
    });
    const used: number[] = [];
    watch(manager.queueTask(recording(used)));
    await clock.advance(200);
    expect([used.length, new Set(used).size]).toEqual([2, 2]);
  });

  it('runs at once on its own, if the others are busy at that moment', async () => {
    const { manager, clock } = await start({ workerCount: 2, scaling: 'off', checkHealth: keepAndRetry });
    const gate = deferred<void>();
    const busy = watch(manager.queueTask(() => gate.promise));
    const used: number[] = [];
    const retried = watch(manager.queueTask(recording(used)));
    await clock.advance(0);
    expect([used.length, new Set(used).size, retried.state, busy.state]).toEqual([2, 1, 'fulfilled', 'pending']);
    gate.resolve();
    await clock.advance(0);
  });

  it('runs on whichever worker is free first, its own included, when its turn comes while all are busy', async () => {
    for (const ownFirst of [true, false]) {
      const { manager, clock } = await start({
        workerCount: 2,
        scaling: 'off',
        checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10 }),
      });
      const used: number[] = [];
      const retried = watch(manager.queueTask(recording(used)));
      await clock.advance(0);
      const work = (): void =>
        void watch(manager.queueTask((resource) => resource.work((resource.id === used[0]) === ownFirst ? 50 : 80)));
      work();
      work();
      await clock.advance(49);
      expect([used.length, retried.state]).toEqual([1, 'pending']);
      await clock.advance(1);
      expect([used.length, retried.state, new Set(used).size]).toEqual([2, 'fulfilled', ownFirst ? 1 : 2]);
      await clock.advance(100);
    }
  });

  it('goes to another free worker although its own is the one that has just ended a task, and others wait', async () => {
    const { manager, clock } = await start({ workerCount: 3, scaling: 'off', checkHealth: keepAndRetry });
    const used: number[] = [];
    const retried = [1, 2].map(() => watch(manager.queueTask(recording(used))));
    await clock.advance(0);
    expect(retried.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
    expect(used).toHaveLength(4);
    const lists = [0, 1].map((n) => [used[n], used[n + 2]]);
    for (const [first, second] of lists) expect(second).not.toBe(first);
  });

  it('goes to the least busy of the others, where tasks share them', async () => {
    const { manager, clock } = await start({
      fakes: { places: 2 },
      workerCount: 3,
      tasksPerWorker: 2,
      scaling: 'off',
      checkHealth: keepAndRetry,
    });
    const busy: number[] = [];
    watch(
      manager.queueTask((resource) => {
        busy.push(resource.id);
        return resource.work(100);
      }),
    );
    await clock.advance(0);
    const used: number[] = [];
    watch(manager.queueTask(recording(used)));
    await clock.advance(0);
    expect(new Set([...busy, ...used]).size).toBe(3);
  });

  it('does not wait for the validation of another, but prefers one that needs none', async () => {
    const hang = new Promise<boolean>(() => {});
    const { manager, clock } = await start({
      workerCount: 2,
      scaling: 'off',
      validateAfter: 100,
      validateTimeout: 10_000,
      validate: () => hang,
      checkHealth: keepAndRetry,
    });
    const used: number[] = [];
    const keepFit = watch(manager.queueTask((resource) => resource.work(90)));
    await clock.advance(150); // one has been idle for 150 ms and would have to be validated, the other for 60
    expect(keepFit.state).toBe('fulfilled');
    const retried = watch(manager.queueTask(recording(used)));
    await clock.advance(0);
    expect([used.length, new Set(used).size, retried.state]).toEqual([2, 1, 'fulfilled']);
  });

  it('runs on it if that is the only one', async () => {
    const { manager, clock } = await start({ scaling: 'off', checkHealth: keepAndRetry });
    const used: number[] = [];
    const outcome = watch(manager.queueTask(recording(used, 4)));
    await clock.advance(10);
    expect([outcome.state, used]).toEqual(['fulfilled', [1, 1, 1, 1]]);
  });

  it('runs on it once it has become the only one, instead of hanging', async () => {
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => n > 2 },
      workerCount: 2,
      scaling: 'off',
      checkHealth: (error) => (error === SICK ? keepAndRetry() : false),
    });
    const gate = deferred<void>();
    watch(manager.queueTaskOnce(() => gate.promise));
    const used: number[] = [];
    const retried = watch(manager.queueTask(recording(used)));
    await clock.advance(10);
    gate.reject(new Error('the other one dies'));
    await clock.advance(1_000);
    expect([retried.state, used.length]).toEqual(['fulfilled', 2]);
  });

  it('waits by default with full jitter, from 100 ms doubling to 5 s', async () => {
    const delays: number[] = [];
    const { manager, clock } = await start({
      maxRetries: 9,
      scaling: 'off',
      checkHealth: () => ({ resource: 'keep', task: 'retry' }),
    });
    manager.on('retried', ({ delay }) => void delays.push(delay));
    for (let i = 0; i < 20; i++) watch(manager.queueTask(fail));
    await clock.advance(200_000);
    expect(delays).toHaveLength(180);
    expect(delays.every((delay) => delay >= 0 && delay <= 5_000)).toBe(true);
    expect(new Set(delays).size).toBeGreaterThan(100);
  });
});
