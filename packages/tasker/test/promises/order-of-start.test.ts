import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { harness, start, watch } from '../support/harness.ts';

describe('submission', () => {
  it('never starts a task synchronously inside the call', async () => {
    const { manager, clock } = await start({ workerCount: 8, resourcePoolSize: 8 });
    const log: string[] = [];
    const task = (name: string) => (): void => void log.push(name);
    const promises = [
      manager.queueTask(task('a')),
      manager.queueTaskOnce(task('b')),
      manager.queueTaskWithPriority(task('c')),
      manager.queueTaskWithPriorityOnce(task('d')),
      manager.runTask(task('e')),
    ];
    log.push('submitted');
    await Promise.all(promises);
    await clock.advance(0);
    expect([log[0], log.length]).toEqual(['submitted', 6]);
  });

  it('never starts a task synchronously when it is submitted inside a running task, either', async () => {
    const { manager } = await start({ workerCount: 3 });
    const log: string[] = [];
    let inner: Promise<unknown> = Promise.resolve();
    await manager.queueTask(() => {
      inner = manager.queueTask(() => void log.push('inner'));
      log.push('outer goes on');
    });
    await inner;
    expect(log).toEqual(['outer goes on', 'inner']);
  });

  it('starts it at once on a free worker, also in the instant in which more tasks have waited than now', async () => {
    const { manager, clock } = await start({ fakes: { createDelay: (n) => (n === 1 ? 0 : 100) }, maxWorkerCount: 1 });
    const waiting = watch(manager.runTask(() => 'made for it')); // the manager is held open all the while
    const earlier = [1, 2, 3].map((n) => watch(manager.queueTask(async () => n)));
    await clock.advance(0);
    const late = watch(manager.queueTask(async () => 4));
    await clock.advance(0);
    expect([waiting.state, ...earlier.map(({ value }) => value), late.value]).toEqual(['pending', 1, 2, 3, 4]);
    await clock.advance(100);
  });

  it('starts tasks of one synchronous stretch in the order of priority, then of submission', async () => {
    const { manager } = await start({ workerCount: 3, scaling: 'off' });
    const log: string[] = [];
    const submit = (name: string, priority: number) => manager.queueTask(async () => void log.push(name), { priority });
    await Promise.all([submit('a0', 0), submit('b5', 5), submit('c0', 0), submit('d-1', -1), submit('e5', 5)]);
    expect(log).toEqual(['b5', 'e5', 'a0', 'c0', 'd-1']);
  });

  it('starts them so although idle workers could take each at once', async () => {
    const { manager } = await start({ workerCount: 5 });
    const log: string[] = [];
    await Promise.all(
      [1, 3, 2].map((priority) => manager.queueTask(() => void log.push(String(priority)), { priority })),
    );
    expect(log).toEqual(['3', '2', '1']);
  });

  it('starts them so when the stretch is inside a task that has other workers idle', async () => {
    const { manager } = await start({ workerCount: 4 });
    const log: string[] = [];
    let inner: Promise<unknown> = Promise.resolve();
    const outer = manager.queueTask(async () => {
      inner = Promise.all(
        [0, 7, 3].map((priority) => manager.queueTask(() => void log.push(`${priority}`), { priority })),
      );
      await inner;
    });
    await outer;
    expect(log).toEqual(['7', '3', '0']);
  });

  it('holds for any priorities and any number of workers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(-2, -1, 0, 0.5, 1, 10), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        async (priorities, workerCount) => {
          const { clock, fakes, config } = harness();
          const { createTaskManager } = await import('../../src/index.ts');
          const manager = await createTaskManager(config({ workerCount, scaling: 'off' }));
          const log: number[] = [];
          const all = priorities.map((priority, index) => manager.queueTask(() => void log.push(index), { priority }));
          await Promise.all(all);
          const expected = priorities
            .map((priority, index) => ({ priority, index }))
            .toSorted((a, b) => b.priority - a.priority || a.index - b.index)
            .map(({ index }) => index);
          expect(log).toEqual(expected);
          await manager.stop();
          expect([clock.pending, fakes.alive]).toEqual([0, 0]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives what was submitted before a wait no precedence over a higher priority submitted while no worker was free', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const busy = watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(1);
    watch(manager.queueTask(() => void log.push('low')));
    await clock.advance(1);
    watch(manager.queueTask(() => void log.push('high'), { priority: 1 }));
    await clock.advance(8);
    expect([busy.state, log]).toEqual(['fulfilled', ['high', 'low']]);
  });

  it('starts runTask in a microtask as well, whether its resource is pooled or temporary', async () => {
    const { manager } = await start({ resourcePoolSize: 1 });
    const log: string[] = [];
    const both = [manager.runTask(() => void log.push('one')), manager.runTask(() => void log.push('two'))];
    log.push('submitted');
    await Promise.all(both);
    expect(log).toEqual(['submitted', 'one', 'two']);
  });
});
