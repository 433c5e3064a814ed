import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import { harness, watch } from '../support/harness.ts';

const own = new Error('own');
const fail = (): never => {
  throw own;
};

describe('health of the resources of runTask', () => {
  it('an unhealthy pooled resource is replaced and the pool refilled', async () => {
    const { clock, fakes, start } = harness({ createDelay: 20, destroyDelay: 20 });
    const manager = await start({ resourcePoolSize: 2, checkHealth: () => false });
    const outcome = watch(manager.runTask(fail));
    await clock.advance(0);
    expect([outcome.state, manager.stats().availableResources, fakes.reasons]).toEqual(['rejected', 1, ['sick']]);
    await clock.advance(40);
    expect([manager.stats().availableResources, fakes.created]).toEqual([2, 4]);
  });

  it('is refilled however many die, also all of them at once', async () => {
    const { clock, start } = harness({ createDelay: 5, destroyDelay: 5 });
    const manager = await start({ resourcePoolSize: 3, maxTemporaryResources: 3, checkHealth: () => false });
    for (let i = 0; i < 20; i++) watch(manager.runTask(fail));
    await clock.advance(1_000);
    expect(manager.stats()).toMatchObject({ availableResources: 3, temporaryResources: 0 });
  });

  it('is refilled although the destruction fails or hangs', async () => {
    const failing = harness({ failDestroy: (n) => n === 2 });
    const first = await failing.start({ resourcePoolSize: 1, checkHealth: () => false });
    watch(first.runTask(fail));
    await failing.clock.advance(0);
    expect(first.stats().availableResources).toBe(1);

    const hanging = harness({ hangDestroy: (n) => n === 2 });
    const second = await hanging.start({ resourcePoolSize: 1, checkHealth: () => false, destroyTimeout: 200 });
    watch(second.runTask(fail));
    await hanging.clock.advance(200);
    expect(second.stats().availableResources).toBe(1);
  });

  it('is never lent again once it is sick: the next one gets another', async () => {
    const { clock, start } = harness({ destroyDelay: 100 });
    const manager = await start({ resourcePoolSize: 1, maxTemporaryResources: 0, checkHealth: () => false });
    const used: number[] = [];
    watch(
      manager.runTask((resource) => {
        used.push(resource.id);
        throw own;
      }),
    );
    const next = watch(manager.runTask((resource) => void used.push(resource.id)));
    await clock.advance(100);
    expect([next.state, used]).toEqual(['fulfilled', [2, 3]]);
  });

  it('an unhealthy temporary one is destroyed once', async () => {
    const { clock, fakes, start } = harness();
    const manager = await start({ checkHealth: () => false });
    watch(manager.runTask(fail));
    await clock.advance(0);
    expect([fakes.destroyed, manager.stats().temporaryResources]).toEqual([1, 0]);
  });

  it('a task of runTask is never retried, whatever the verdict and the options: it rejects with its own error', async () => {
    const { clock, start } = harness();
    const manager = await start({
      resourcePoolSize: 2,
      maxRetries: 5,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
    });
    let runs = 0;
    const outcome = watch(
      manager.runTask(
        () => {
          runs++;
          throw own;
        },
        { retry: { maxRetries: 5 } },
      ),
    );
    await clock.advance(10_000);
    expect([outcome.error, runs]).toEqual([own, 1]);
    expect(manager.metrics()).toMatchObject({ totalTasksRetried: 0, totalTasksFailed: 1 });
  });

  it('shows checkHealth the pooled resource and the task', async () => {
    const { fakes, start } = harness();
    const seen: unknown[] = [];
    const manager = await start({
      resourcePoolSize: 1,
      checkHealth: (error, { resource, task }) => {
        seen.push(error, resource, task.name, task.worker?.kind);
        return true;
      },
    });
    await expect(manager.runTask(fail, { name: 'report' })).rejects.toBe(own);
    expect(seen).toEqual([own, fakes.all[1], 'report', 'pool']);
  });

  it('one that is invalidated by its task is replaced afterwards, whatever the outcome', async () => {
    const { clock, fakes, start } = harness();
    const manager = await start({ resourcePoolSize: 1 });
    const outcome = watch(
      manager.runTask((_, context) => {
        context.invalidate();
        return 'done';
      }),
    );
    await clock.advance(0);
    expect([outcome.value, fakes.reasons, manager.stats().availableResources]).toEqual(['done', ['invalidated'], 1]);
  });

  it('those that wait reject with CREATE_FAILED when the pool cannot be refilled and there is no room for temporary ones', async () => {
    const cause = new Error('refused');
    const { clock, start } = harness({ failCreate: (n) => (n > 2 ? cause : undefined) });
    const manager = await start({
      resourcePoolSize: 1,
      maxTemporaryResources: 0,
      checkHealth: () => false,
      createBackoff: () => 10,
    });
    watch(manager.runTask(fail));
    const waiting = watch(manager.runTask(() => 'done'));
    await clock.advance(1_000);
    expect(isTaskerError(waiting.error, 'CREATE_FAILED')).toBe(true);
    expect((waiting.error as Error).cause).toBe(cause);
    const late = watch(manager.runTask(() => 'done'));
    await clock.advance(1_000);
    expect(isTaskerError(late.error, 'CREATE_FAILED')).toBe(true);
  });
});
