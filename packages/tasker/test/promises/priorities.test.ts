import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import type { TaskContext } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK } from '../support/failures.ts';
import { start, startBusy, watch } from '../support/harness.ts';

describe('priorities', () => {
  it('starts a higher priority before a lower one, first in first out within one', async () => {
    const { manager, clock, open } = await startBusy();
    const log: string[] = [];
    const submit = (name: string, priority: number) =>
      watch(manager.queueTask((resource) => resource.work(1).then(() => void log.push(name)), { priority }));
    submit('a1', 1);
    submit('b0', 0);
    await clock.advance(1);
    submit('c1', 1);
    submit('d9', 9);
    await clock.advance(1);
    submit('e-3', -3);
    submit('f0', 0);
    open();
    await clock.advance(10);
    expect(log).toEqual(['d9', 'a1', 'c1', 'b0', 'f0', 'e-3']);
  });

  it('is strict: a stream of higher ones keeps a lower one waiting', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    let left = 100;
    const again = (): void => {
      log.push('high');
      if (left-- > 0) watch(manager.queueTask(again, { priority: 1 }));
    };
    watch(manager.queueTask((resource) => resource.work(1)));
    await clock.advance(0);
    watch(manager.queueTask(() => void log.push('low')));
    watch(manager.queueTask(again, { priority: 1 }));
    await clock.advance(10_000);
    expect([log.length, log.indexOf('low')]).toEqual([102, 101]);
  });

  it('takes any finite number, fractions and negative ones too, and treats -0 as 0', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(1)));
    await clock.advance(0);
    const log: number[] = [];
    const order = [-0, 0, 0.5, -1e300, 1e300, Number.MIN_VALUE, -0.25, 0];
    const names = order.map((priority, index) => {
      watch(manager.queueTask(() => void log.push(index), { priority }));
      return index;
    });
    expect(names).toHaveLength(8);
    await clock.advance(1);
    expect(log).toEqual([4, 2, 5, 0, 1, 7, 6, 3]);
  });

  it('is 0 for queueTask and 1 for queueTaskWithPriority unless the options say otherwise', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(1)));
    await clock.advance(0);
    const log: string[] = [];
    watch(manager.queueTask(() => void log.push('plain')));
    watch(manager.queueTaskWithPriority(() => void log.push('priority')));
    watch(manager.queueTaskWithPriorityOnce(() => void log.push('priority once')));
    watch(manager.queueTaskWithPriority(() => void log.push('five'), { priority: 5 }));
    watch(manager.queueTaskWithPriority(() => void log.push('minus'), { priority: -1 }));
    watch(manager.queueTask(() => void log.push('half'), { priority: 0.5 }));
    expect(manager.stats()).toMatchObject({ priorityTasks: 4, queuedTasks: 2 });
    await clock.advance(1);
    expect(log).toEqual(['five', 'priority', 'priority once', 'half', 'plain', 'minus']);
  });

  it('counts as the priority queue above 0, and as the main queue at 0 and below', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(1)));
    await clock.advance(0);
    for (const priority of [2, 0.1, 0, -1, -2]) watch(manager.queueTask(() => {}, { priority }));
    expect(manager.stats()).toMatchObject({ priorityTasks: 2, queuedTasks: 3 });
    await clock.advance(1);
    expect(manager.stats()).toMatchObject({ priorityTasks: 0, queuedTasks: 0 });
  });

  it('holds for more distinct priorities than anybody would keep queues for', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const run = async (priorities: readonly number[]): Promise<number[]> => {
      const log: number[] = [];
      watch(manager.queueTask((resource) => resource.work(1)));
      await clock.advance(0);
      for (const priority of priorities) watch(manager.queueTask(() => void log.push(priority), { priority }));
      await clock.advance(1);
      return log;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -100, max: 100 }), { maxLength: 300 }), async (priorities) => {
        expect(await run(priorities)).toEqual(priorities.toSorted((a, b) => b - a));
      }),
      { numRuns: 30 },
    );
  });
});

const failOnce = (_: unknown, context: TaskContext): void => {
  if (context.attempt === 1) throw SICK;
};

describe('retries', () => {
  it('wait ahead of the fresh tasks of their own priority, first in first out among retries', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, checkHealth: () => false });
    const log: string[] = [];
    const gates = [deferred<void>(), deferred<void>()];
    const failing = (name: string, gate: Promise<void>) =>
      watch(
        manager.queueTask(async (_, context) => {
          log.push(`${name}${context.attempt}`);
          if (context.attempt > 1) return;
          await gate;
          throw SICK;
        }),
      );
    gates.forEach((gate, i) => failing(`retry${i}-`, gate.promise));
    await clock.advance(0);
    for (const name of ['fresh0', 'fresh1', 'fresh2']) watch(manager.queueTask(() => void log.push(name)));
    // both workers die in the order 1, 0; their replacements come up later
    gates[1]?.resolve();
    await Promise.resolve();
    gates[0]?.resolve();
    await clock.advance(0);
    expect(log).toEqual(['retry0-1', 'retry1-1', 'retry1-2', 'retry0-2', 'fresh0', 'fresh1', 'fresh2']);
  });

  it('wait behind the fresh tasks of a higher priority, and ahead of those of a lower one', async () => {
    const { manager, clock } = await start({ checkHealth: () => false, scaling: 'off' });
    const log: string[] = [];
    const gate = deferred<void>();
    watch(
      manager.queueTask(
        async (_, context) => {
          log.push(`retry ${context.attempt}`);
          if (context.attempt > 1) return;
          await gate.promise;
          throw SICK;
        },
        { priority: 3 },
      ),
    );
    await clock.advance(0);
    watch(manager.queueTask(() => void log.push('lower'), { priority: 2 }));
    watch(manager.queueTask(() => void log.push('equal'), { priority: 3 }));
    watch(manager.queueTask(() => void log.push('higher'), { priority: 4 }));
    gate.resolve();
    await clock.advance(0);
    expect(log).toEqual(['retry 1', 'higher', 'retry 2', 'equal', 'lower']);
  });

  it('count in queuedTasks or priorityTasks by their own priority, those in backoff included', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }),
      scaling: 'off',
    });
    const all = [watch(manager.queueTask(failOnce)), watch(manager.queueTask(failOnce, { priority: 2 }))];
    await clock.advance(50);
    expect(manager.stats()).toMatchObject({ queuedTasks: 1, priorityTasks: 1, retryingTasks: 2, runningTasks: 0 });
    await clock.advance(50);
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, priorityTasks: 0, retryingTasks: 0, runningTasks: 0 });
    expect(all.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('get a TaskContext of their own: what the first run kept of its own does not change', async () => {
    const { manager } = await start({ workerCount: 2, checkHealth: () => false });
    const contexts: TaskContext[] = [];
    await manager.queueTask(
      (_, context) => {
        contexts.push(context);
        if (contexts.length < 3) throw SICK;
      },
      { name: 'import' },
    );
    expect(new Set(contexts).size).toBe(3);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(contexts.map(({ id }) => id)).size).toBe(1);
    expect(contexts.map(({ name }) => name)).toEqual(['import', 'import', 'import']);
    expect(new Set(contexts.map(({ worker }) => worker.id)).size).toBe(3);
    expect(new Set(contexts.map(({ signal }) => signal)).size).toBe(3);
  });

  it('have an id that is unique within the manager, runTask included', async () => {
    const { manager } = await start({ resourcePoolSize: 1 });
    const ids = await Promise.all([
      manager.queueTask((_, { id }) => id),
      manager.queueTask((_, { id }) => id),
      manager.runTask((_, { id }) => id),
      manager.runTask((_, { id }) => id),
    ]);
    expect(new Set(ids).size).toBe(4);
  });
});
