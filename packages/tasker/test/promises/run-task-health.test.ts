import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import { fail, OWN } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';

describe('health of the resources of runTask', () => {
  it('an unhealthy pooled resource is replaced and the pool refilled', async () => {
    const { manager, clock, fakes } = await start({
      fakes: { createDelay: 20, destroyDelay: 20 },
      resourcePoolSize: 2,
      checkHealth: () => false,
    });
    const outcome = watch(manager.runTask(fail));
    await clock.advance(0);
    expect([outcome.state, manager.stats().availableResources, fakes.reasons]).toEqual(['rejected', 1, ['sick']]);
    await clock.advance(40);
    expect([manager.stats().availableResources, fakes.created]).toEqual([2, 4]);
  });

  it('is refilled however many die, also all of them at once', async () => {
    const { manager, clock } = await start({
      fakes: { createDelay: 5, destroyDelay: 5 },
      resourcePoolSize: 3,
      maxTemporaryResources: 3,
      checkHealth: () => false,
    });
    for (let i = 0; i < 20; i++) watch(manager.runTask(fail));
    await clock.advance(1_000);
    expect(manager.stats()).toMatchObject({ availableResources: 3, temporaryResources: 0 });
  });

  it('is refilled although the destruction fails or hangs', async () => {
    const config = { resourcePoolSize: 1, checkHealth: () => false, destroyTimeout: 200 };
    const failing = await start({ ...config, fakes: { failDestroy: (n) => n === 2 } });
    watch(failing.manager.runTask(fail));
    await failing.settle();
    expect(failing.manager.stats().availableResources).toBe(1);

    const hanging = await start({ ...config, fakes: { hangDestroy: (n) => n === 2 } });
    watch(hanging.manager.runTask(fail));
    await hanging.clock.advance(200);
    expect(hanging.manager.stats().availableResources).toBe(1);
  });

  it('is never lent again once it is sick: the next one gets another', async () => {
    const { manager, clock } = await start({
      fakes: { destroyDelay: 100 },
      resourcePoolSize: 1,
      maxTemporaryResources: 0,
      checkHealth: () => false,
    });
    const used: number[] = [];
    watch(
      manager.runTask((resource) => {
        used.push(resource.id);
        throw OWN;
      }),
    );
    const next = watch(manager.runTask((resource) => void used.push(resource.id)));
    await clock.advance(100);
    expect([next.state, used]).toEqual(['fulfilled', [2, 3]]);
  });

  it('an unhealthy temporary one is destroyed once', async () => {
    const { manager, clock, fakes } = await start({ checkHealth: () => false });
    watch(manager.runTask(fail));
    await clock.advance(0);
    expect([fakes.destroyed, manager.stats().temporaryResources]).toEqual([1, 0]);
  });

  it('a task of runTask is never retried, whatever the verdict and the options: it rejects with its own error', async () => {
    const { manager, clock } = await start({
      resourcePoolSize: 2,
      maxRetries: 5,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
    });
    let runs = 0;
    const outcome = watch(
      manager.runTask(
        () => {
          runs++;
          throw OWN;
        },
        { retry: { maxRetries: 5 } },
      ),
    );
    await clock.advance(10_000);
    expect([outcome.error, runs]).toEqual([OWN, 1]);
    expect(manager.metrics()).toMatchObject({ totalTasksRetried: 0, totalTasksFailed: 1 });
  });

  it('shows checkHealth the pooled resource and the task', async () => {
    const seen: unknown[] = [];
    const { manager, fakes } = await start({
      resourcePoolSize: 1,
      checkHealth: (error, { resource, task }) => {
        seen.push(error, resource, task.name, task.worker?.kind);
        return true;
      },
    });
    await expect(manager.runTask(fail, { name: 'report' })).rejects.toBe(OWN);
    expect(seen).toEqual([OWN, fakes.all[1], 'report', 'pool']);
  });

  it('one that is invalidated by its task is replaced afterwards, whatever the outcome', async () => {
    const { manager, clock, fakes } = await start({ resourcePoolSize: 1 });
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
    const { manager, clock } = await start({
      fakes: { failCreate: (n) => (n > 2 ? cause : undefined) },
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
