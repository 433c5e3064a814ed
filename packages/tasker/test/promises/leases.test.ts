import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type {
  CreateContext,
  Lease,
  TaskerError,
  TaskerEvents,
  TaskManager,
  TaskManagerConfig,
} from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { harness, start, watch } from '../support/harness.ts';
import { recordEvents } from '../support/record-events.ts';

describe('a lease', () => {
  it('holds a resource until its release: nobody else gets it', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off' });
    const lease = await manager.lease();
    const task = watch(manager.queueTask((resource) => resource.use(() => resource.id)));
    await lease.resource.use();
    await clock.advance(10_000);
    expect([lease.resource, task.state]).toEqual([fakes.all[0], 'pending']);
    await lease.release();
    await clock.advance(0);
    expect([task.value, fakes.created]).toEqual([1, 1]);
  });

  it('is given back at the end of `await using`, also when the block throws', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const use = async (): Promise<void> => {
      await using lease = await manager.lease();
      await lease.resource.use();
      expect(manager.stats().leases).toBe(1);
      throw new Error('in the block');
    };
    await expect(use()).rejects.toThrow('in the block');
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ leases: 0, idleWorkers: 1 });
  });

  it('may be released twice, and destroyed afterwards: only the first counts', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off' });
    manager.on('error', () => {});
    const lease = await manager.lease();
    await lease.release();
    await clock.advance(0);
    const other = await manager.lease();
    await lease.release();
    await clock.advance(10);
    expect([manager.stats().leases, fakes.destroyed]).toEqual([1, 0]);
    await lease.destroy(new Error('too late'));
    await other.release();
    await clock.advance(10);
    expect([manager.stats().idleWorkers, fakes.destroyed]).toEqual([1, 0]);
  });

  it('counts no more right after the call of release(), and its place is free when that resolves', async () => {
    const { manager, clock } = await start();
    const lease = await manager.lease();
    const next = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    const released = lease.release();
    expect([manager.stats().leases, next.state]).toEqual([0, 'pending']); // no task starts inside the call
    await released;
    expect(manager.stats()).toMatchObject({ leases: 0, idleWorkers: 1, queuedTasks: 0 });
    const idle = await manager.lease();
    await idle.release();
    expect(manager.stats()).toMatchObject({ leases: 0, idleWorkers: 1 });
    await manager.onIdle();
  });

  it('given back in the moment of kill() is not given up', async () => {
    const { manager, clock, fakes } = await start();
    const lease = await manager.lease();
    void lease.release();
    const killed = watch(manager.kill());
    await clock.advance(0);
    expect([killed.value?.abandoned, lease.signal.aborted, fakes.destroyed]).toEqual([[], false, 1]);
  });

  it('given back in the moment in which its resource dies is not aborted', async () => {
    const { clock, fakes, manage } = harness();
    let resource: CreateContext | undefined;
    const manager = await manage({
      onCreate: (context) => {
        resource = context;
        return fakes.onCreate(context);
      },
    });
    const lease = await manager.lease();
    void lease.release();
    resource?.invalidate();
    await clock.advance(0);
    expect([lease.signal.aborted, fakes.reasons]).toEqual([false, ['invalidated']]);
  });

  it('destroyed instead of released has its resource replaced', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off' });
    const lease = await manager.lease();
    await lease.destroy(new Error('in a bad state'));
    await lease.release();
    await clock.advance(0);
    expect([fakes.created, fakes.reasons, manager.stats().leases]).toEqual([2, ['invalidated'], 0]);
  });

  it('waits for its turn by priority, like a task', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const first = await manager.lease();
    watch(manager.queueTask(() => void log.push('task 0')));
    watch(manager.queueTask(() => void log.push('task 2'), { priority: 2 }));
    const take = async (name: string, priority?: number): Promise<void> => {
      const lease = await manager.lease(priority === undefined ? { name } : { name, priority });
      log.push(name);
      await lease.release();
    };
    watch(take('lease 1', 1));
    watch(take('lease 0'));
    await first.release();
    await clock.advance(0);
    expect(log).toEqual(['task 2', 'lease 1', 'task 0', 'lease 0']);
  });

  it('does not start while the manager is paused', async () => {
    const { manager, clock } = await start();
    manager.pause();
    const lease = watch(manager.lease());
    await clock.advance(10);
    expect([lease.state, manager.stats().queuedTasks]).toEqual(['pending', 1]);
    manager.resume();
    await clock.advance(0);
    await lease.value?.release();
  });

  it('takes one place of a worker', async () => {
    const { manager, clock } = await start({ fakes: { places: 3 }, maxWorkerCount: 1, tasksPerWorker: 3 });
    const leases = [await manager.lease(), await manager.lease()];
    const tasks = [1, 2].map((value) => watch(manager.queueTask((resource) => resource.work(5).then(() => value))));
    await clock.advance(5);
    expect(tasks.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    expect(leases.map(({ resource }) => resource.id)).toEqual([1, 1]);
    for (const lease of leases) await lease.release();
    await clock.advance(5);
  });

  it('brings more workers, as a waiting task does', async () => {
    const { manager, clock, fakes } = await start({ maxWorkerCount: 3, targetWait: 0 });
    const leases = [1, 2, 3, 4].map(() => watch(manager.lease()));
    await clock.advance(500);
    expect([leases.map(({ state }) => state), fakes.created]).toEqual([
      ['fulfilled', 'fulfilled', 'fulfilled', 'pending'],
      3,
    ]);
    for (const { value } of leases) await value?.release();
    await clock.advance(0);
    await leases[3]?.value?.release();
  });
});

describe('signal, queueTimeout and key of a lease', () => {
  it('an aborted signal ends the wait, with its reason', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const first = await manager.lease();
    const controller = new AbortController();
    const waiting = watch(manager.lease({ signal: controller.signal }));
    const before = watch(manager.lease({ signal: AbortSignal.abort('too early') }));
    await clock.advance(0);
    expect([waiting.state, before.error]).toEqual(['pending', 'too early']);
    controller.abort('given up');
    await Promise.resolve();
    expect([waiting.error, manager.stats().queuedTasks]).toEqual(['given up', 0]);
    await first.release();
  });

  it('one that was never given counts in no metric', async () => {
    const { manager, clock } = await start({ scaling: 'off', maxQueueSize: 1, onFull: 'drop-oldest' });
    const cancelled: unknown[] = [];
    manager.on('cancelled', (event) => cancelled.push(event));
    const first = await manager.lease();
    const controller = new AbortController();
    watch(manager.lease({ signal: controller.signal }));
    controller.abort();
    watch(manager.lease());
    watch(manager.lease()); // pushes the other one out
    watch(manager.lease({ priority: -1 })); // is refused
    await clock.advance(0);
    expect([manager.metrics().totalTasksCancelled, manager.metrics().totalTasksFailed, cancelled]).toEqual([0, 0, []]);
    watch(manager.kill());
    await first.release();
  });

  it('the signal does not concern a lease that is held', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const controller = new AbortController();
    const lease = await manager.lease({ signal: controller.signal });
    controller.abort();
    await clock.advance(100_000);
    expect([lease.signal.aborted, manager.stats().leases, manager.stats().quarantinedWorkers]).toEqual([false, 1, 0]);
    await lease.resource.use();
    await lease.release();
  });

  it('queueTimeout ends the wait with QUEUE_TIMEOUT, and never a lease that is held', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const lease = await manager.lease({ queueTimeout: 50 });
    const waiting = watch(manager.lease({ queueTimeout: 50 }));
    await clock.advance(49);
    expect(waiting.state).toBe('pending');
    await clock.advance(1);
    expect([isTaskerError(waiting.error, 'QUEUE_TIMEOUT'), manager.stats().leases]).toEqual([true, 1]);
    await lease.release();
  });

  it("the manager's timeout for tasks does not end a lease", async () => {
    const { manager, clock } = await start({ scaling: 'off', timeout: 10 });
    const lease = await manager.lease();
    await clock.advance(1_000);
    expect([lease.signal.aborted, manager.stats().leases]).toEqual([false, 1]);
    await lease.release();
  });

  it('the key counts until the release, at its cap like a task', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, keyConcurrency: 1 });
    const lease = await manager.lease({ key: 'a' });
    const other = watch(manager.lease({ key: 'a' }));
    await clock.advance(100);
    expect([other.state, manager.inspect().keys]).toEqual(['pending', [{ key: 'a', waiting: 1, running: 1 }]]);
    await lease.destroy();
    await clock.advance(0);
    expect(other.state).toBe('fulfilled');
    await other.value?.release();
  });

  it('takes no other options', async () => {
    const { manager } = await start();
    for (const options of [
      { timeout: 5 },
      { deadline: 5 },
      { retry: false },
      { priority: NaN },
      { queueTimeout: -1 },
    ]) {
      const rejected = expect(manager.lease(options as never)).rejects;
      await rejected.toSatisfy((error) => isTaskerError(error, 'INVALID_CONFIG'));
    }
  });
});

describe('leases are counted', () => {
  it('in queuedTasks or priorityTasks while they wait, then in leases', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const first = manager.lease();
    expect(manager.stats()).toMatchObject({ queuedTasks: 1, leases: 0 });
    const lease = await first;
    const low = watch(manager.lease());
    const high = watch(manager.lease({ priority: 1 }));
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({
      queuedTasks: 1,
      priorityTasks: 1,
      leases: 1,
      runningTasks: 0,
      idleWorkers: 0,
    });
    await lease.release();
    await clock.advance(0);
    expect([high.state, manager.stats().leases]).toEqual(['fulfilled', 1]);
    await high.value?.release();
    await clock.advance(0);
    await low.value?.release();
    await clock.advance(0);
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, priorityTasks: 0, leases: 0, idleWorkers: 1 });
  });

  it('for onIdle, which waits for those that wait and those that are held', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const first = await manager.lease();
    const second = watch(manager.lease());
    const idle = watch(manager.onIdle());
    await clock.advance(10);
    await first.release();
    await clock.advance(10);
    expect(idle.state).toBe('pending');
    await second.value?.release();
    await clock.advance(0);
    expect(idle.state).toBe('fulfilled');
  });

  it('as one use for maxUses', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off', maxUses: 2 });
    const ids: number[] = [];
    for (let i = 0; i < 4; i++) {
      const lease = await manager.lease();
      for (let use = 0; use < 3; use++) await lease.resource.use();
      ids.push(lease.resource.id);
      await lease.release();
      await clock.advance(0);
    }
    expect([ids, fakes.reasons]).toEqual([
      [1, 1, 2, 2],
      ['uses', 'uses'],
    ]);
  });

  it('in no metric, whatever becomes of them', async () => {
    const told: string[] = [];
    const collector = {
      recordArrival: () => void told.push('arrival'),
      recordCompletion: () => void told.push('completion'),
      recordFailure: () => void told.push('failure'),
      recordRetry: () => void told.push('retry'),
      metrics: () => ({}) as never,
    };
    const { manager, clock } = await start({ scaling: 'off', collector });
    const lease = await manager.lease();
    const timedOut = watch(manager.lease({ queueTimeout: 5 }));
    const cancelled = watch(manager.lease({ signal: AbortSignal.abort() }));
    await clock.advance(5);
    await lease.release();
    await (await manager.lease()).destroy();
    await clock.advance(0);
    expect([timedOut.state, cancelled.state, told]).toEqual(['rejected', 'rejected', []]);
    expect(manager.metrics().totalTasksCancelled).toBe(0);
  });

  it('by the built-in collector, too', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const lease = await manager.lease();
    watch(manager.lease({ queueTimeout: 5 }));
    await clock.advance(5);
    await lease.release();
    await clock.advance(0);
    expect(manager.metrics()).toMatchObject({
      totalTasksArrived: 0,
      totalTasksCompleted: 0,
      totalTasksFailed: 0,
      totalTasksCancelled: 0,
      averageWaitTime: 0,
    });
  });

  it('in inspect(): who holds what, for how long', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const lease = await manager.lease({ name: 'report', key: 'k' });
    await clock.advance(40);
    expect(manager.inspect().leases).toMatchObject([{ task: { name: 'report', key: 'k' }, runningFor: 40 }]);
    await lease.release();
    await clock.advance(0);
    expect(manager.inspect().leases).toEqual([]);
  });
});

function acquireTheReportLease(manager: { lease(options: { name: string }): Promise<Lease<FakeResource>> }) {
  return manager.lease({ name: 'report' });
}

describe('a lease held too long', () => {
  it('is shown as `stuck` once, with the stack of its acquisition', async () => {
    const { manager, clock } = await start({ scaling: 'off', stuckAfter: 100 });
    const stuck: TaskerEvents['stuck'][] = [];
    manager.on('stuck', (payload) => stuck.push(payload));
    const lease = await acquireTheReportLease(manager);
    await clock.advance(99);
    expect(stuck).toEqual([]);
    await clock.advance(1_000);
    expect(stuck).toMatchObject([{ task: { name: 'report', state: 'running', worker: { id: 1 } } }]);
    expect(stuck[0]?.stack).toContain('acquireTheReportLease');
    await lease.release();
  });

  it('is not shown if it is released in time, nor while it waits', async () => {
    const { manager, clock } = await start({ scaling: 'off', stuckAfter: 100 });
    const stuck: unknown[] = [];
    manager.on('stuck', ({ task }) => stuck.push(task.name));
    const lease = await manager.lease({ name: 'in time' });
    const waiting = watch(manager.lease({ name: 'waiting' }));
    await clock.advance(99);
    await lease.release();
    await clock.advance(99);
    await waiting.value?.release();
    await clock.advance(1_000);
    expect(stuck).toEqual([]);
  });
});

describe('leases and the shutdown', () => {
  it('stop() waits for those that are held and those that wait', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off' });
    const held = await manager.lease();
    const waiting = watch(manager.lease());
    const stopping = watch(manager.stop());
    await clock.advance(1_000);
    expect([stopping.state, held.signal.aborted, fakes.destroyed]).toEqual(['pending', false, 0]);
    await held.release();
    await clock.advance(0);
    expect([stopping.state, waiting.state]).toEqual(['pending', 'fulfilled']);
    await waiting.value?.release();
    await clock.advance(0);
    expect(stopping.value).toMatchObject({ completed: 0, failed: 0, dropped: [], abandoned: [] });
  });

  it('lease() gives STOPPED from then on', async () => {
    const { manager, clock } = await start();
    watch(manager.stop());
    const outcome = watch(manager.lease());
    await clock.advance(0);
    expect(isTaskerError(outcome.error, 'STOPPED')).toBe(true);
  });

  for (const how of ['the timeout of stop()', 'kill()'] as const) {
    it(`given up by ${how} they are reported as abandoned, their signal aborts, and a late release does nothing`, async () => {
      const { manager, clock, fakes } = await start({ scaling: 'off' });
      const held = await manager.lease({ name: 'held' });
      const waiting = watch(manager.lease({ name: 'waiting' }));
      const ending = watch(how === 'kill()' ? manager.kill() : manager.stop({ timeout: 100 }));
      await clock.advance(100);
      expect([held.signal.aborted, isTaskerError(held.signal.reason, 'KILLED')]).toEqual([true, true]);
      expect((waiting.error as TaskerError).code).toBe('KILLED');
      expect(ending.value).toMatchObject({ abandoned: [{ name: 'held' }], dropped: [{ name: 'waiting' }] });
      await held.release();
      await held.destroy();
      await held[Symbol.asyncDispose]();
      await clock.advance(100);
      expect([fakes.destroyed, fakes.reasons, manager.stats().leases]).toEqual([1, ['shutdown'], 0]);
    });
  }

  it('one that gets its lease in the moment of kill() is settled all the same', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const lease = watch(manager.lease());
    watch(manager.kill());
    await clock.advance(0);
    expect([lease.state, isTaskerError(lease.error, 'KILLED')]).toEqual(['rejected', true]);
  });

  it('a lease whose caller was told in the same moment is abandoned, too', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const lease = watch(manager.lease());
    await clock.advance(0);
    const report = watch(manager.kill());
    await clock.advance(0);
    expect([lease.value?.signal.aborted, report.value?.abandoned.length]).toEqual([true, 1]);
  });
});

describe('leases and failing creations', () => {
  it('those that wait reject with CREATE_FAILED when no worker is left and none can be made', async () => {
    const { manager, clock } = await start({ fakes: { failCreate: (n) => n > 1 }, scaling: 'off' });
    const held = await manager.lease();
    const waiting = watch(manager.lease());
    await held.destroy();
    await clock.advance(60_000);
    expect(isTaskerError(waiting.error, 'CREATE_FAILED')).toBe(true);
  });
});

/** Leaves a block in some way, then lets somebody else have a resource. */
async function leave(how: 'release' | 'return' | 'throw', overrides: Partial<TaskManagerConfig<FakeResource>> = {}) {
  const { manager, clock, fakes } = await start({ scaling: 'off', ...overrides });
  const told = toldErrors(manager);
  const destroyed: TaskerEvents['resourceDestroyed'][] = [];
  manager.on('resourceDestroyed', (payload) => destroyed.push(payload));
  const use = async (): Promise<void> => {
    await using lease = await manager.lease({ name: 'report' });
    await lease.resource.use();
    if (how === 'throw') throw new Error('in the block');
    if (how === 'release') await lease.release();
  };
  const used = watch(use());
  await clock.advance(0);
  const next = watch(manager.queueTask(({ id }) => id));
  await clock.advance(0);
  return { used, next: next.value, destroyed, told, fakes, manager };
}

describe('a block of `await using` that is left', () => {
  it('after release() as its last statement: the next user gets the same resource', async () => {
    const { used, next, destroyed, told } = await leave('release');
    expect([used.state, next, destroyed, told]).toEqual(['fulfilled', 1, [], []]);
  });

  for (const how of ['return', 'throw'] as const) {
    it(`by a ${how} without release(): nobody else gets its resource, and the reason is told`, async () => {
      const { used, next, destroyed, told } = await leave(how);
      expect([used.state, next, told]).toEqual([how === 'throw' ? 'rejected' : 'fulfilled', 2, []]);
      expect(destroyed).toMatchObject([{ reason: 'invalidated' }]);
      expect(String(destroyed[0]?.cause)).toBe(
        'Error: lease 1 "report" was left without release(), and there is no onRelease',
      );
    });

    it(`by a ${how} where there is onRelease: that gets the resource, and then the next user`, async () => {
      const reset: number[] = [];
      const onRelease = ({ id }: FakeResource): void => void reset.push(id);
      const { next, destroyed } = await leave(how, { onRelease });
      expect([next, reset, destroyed]).toEqual([1, [1, 1], []]);
    });
  }

  it('replaces a resource that others use, too, after them', async () => {
    const { manager, clock, fakes } = await start({ fakes: { places: 2 }, maxWorkerCount: 1, tasksPerWorker: 2 });
    const task = watch(manager.queueTask((resource) => resource.work(10)));
    const use = async (): Promise<void> => {
      await using lease = await manager.lease();
      await lease.resource.use();
    };
    await use();
    await clock.advance(5);
    expect([task.state, fakes.destroyed]).toEqual(['pending', 0]);
    await clock.advance(5);
    expect([task.state, fakes.reasons]).toEqual(['fulfilled', ['invalidated']]);
  });

  it('does nothing to a lease that was given up', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off' });
    const told = toldErrors(manager);
    const block = async (): Promise<void> => {
      await using lease = await manager.lease();
      await new Promise((_, reject) => lease.signal.addEventListener('abort', reject));
    };
    const left = watch(block());
    await clock.advance(0);
    watch(manager.kill());
    await clock.advance(0);
    expect([left.state, fakes.reasons, told]).toEqual(['rejected', ['shutdown'], []]);
  });
});

/** The messages of the `error` events that are about leases. */
function toldErrors(manager: TaskManager<FakeResource>): string[] {
  const told: string[] = [];
  manager.on('error', ({ error, source }) => told.push(`${source}: ${(error as Error).message}`));
  return told;
}

describe('a lease that is given back twice', () => {
  it('is told of once, with what happened', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const told = toldErrors(manager);
    const lease = await manager.lease({ name: 'report' });
    await lease.release();
    await lease.release();
    await lease.destroy();
    const other = await manager.lease();
    await other.destroy();
    await other.release();
    await clock.advance(0);
    expect(told).toEqual([
      'lease: lease 1 "report" was released after it had been released',
      'lease: lease 2 was released after it had been destroyed',
    ]);
  });

  it('also one that has left its block', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const told = toldErrors(manager);
    const kept: Lease<FakeResource>[] = [];
    const block = async (): Promise<void> => {
      await using lease = await manager.lease();
      kept.push(lease);
    };
    await block();
    await kept[0]?.destroy();
    await kept[0]?.[Symbol.asyncDispose]();
    await clock.advance(0);
    expect(told).toEqual(['lease: lease 1 was destroyed after it had been left without release()']);
  });

  it('is not told of at the end of its block', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const told = toldErrors(manager);
    for (const how of ['release', 'destroy'] as const) {
      await using lease = await manager.lease();
      await lease[how]();
    }
    await clock.advance(0);
    expect(told).toEqual([]);
  });
});

describe('release(error)', () => {
  const sick = new Error('sick');

  it('has checkHealth judge the resource: an unhealthy one is replaced, with the error as its cause', async () => {
    const asked: unknown[] = [];
    const { manager, clock, fakes } = await start({
      scaling: 'off',
      checkHealth: (error, { resource, task, invalidated }) => {
        asked.push([error, resource.id, task.name, invalidated]);
        return error !== sick;
      },
    });
    const destroyed: TaskerEvents['resourceDestroyed'][] = [];
    manager.on('resourceDestroyed', (payload) => destroyed.push(payload));
    const healthy = await manager.lease({ name: 'healthy' });
    await healthy.release(new Error('its own'));
    const unhealthy = await manager.lease({ name: 'unhealthy' });
    await unhealthy.release(sick);
    await clock.advance(0);
    expect(asked).toMatchObject([
      [{ message: 'its own' }, 1, 'healthy', false],
      [sick, 1, 'unhealthy', false],
    ]);
    expect(destroyed).toEqual([{ kind: 'base', reason: 'sick', cause: sick }]);
    expect([fakes.created, manager.stats().leases]).toEqual([2, 0]);
  });

  it('asks nobody without an error', async () => {
    let asked = 0;
    const { manager } = await start({ checkHealth: () => (asked++, false) });
    await (await manager.lease()).release();
    await (await manager.lease()).release(undefined);
    await (await manager.lease()).release(null);
    expect(asked).toBe(1);
  });

  it('ignores what the verdict says about the task, and stays in no metric and no event of tasks', async () => {
    const { manager, clock, fakes } = await start({
      scaling: 'off',
      checkHealth: () => ({ resource: 'replace', task: 'retry', after: 50 }),
    });
    const events = recordEvents(manager, ['queued', 'started', 'retried', 'completed', 'failed', 'cancelled']);
    await (await manager.lease()).release(sick);
    await clock.advance(1_000);
    expect([events, fakes.reasons, manager.stats().retryingTasks]).toEqual([[], ['sick'], 0]);
    expect(manager.metrics()).toMatchObject({ totalTasksArrived: 0, totalTasksFailed: 0, totalTasksRetried: 0 });
  });

  it('survives a checkHealth that throws, and one that kills the manager', async () => {
    const { manager, clock, fakes } = await start({
      scaling: 'off',
      checkHealth: (error) => {
        if (error === sick) throw new Error('checkHealth');
        watch(manager.kill());
        return false;
      },
    });
    const told = toldErrors(manager);
    await (await manager.lease()).release(sick);
    await clock.advance(0);
    expect([told, fakes.destroyed]).toEqual([['checkHealth: checkHealth'], 0]);
    await (await manager.lease()).release('kill');
    await clock.advance(0);
    expect([manager.stats().state, fakes.reasons]).toEqual(['killed', ['shutdown']]);
  });
});

describe('leaseOf', () => {
  it('finds the lease that holds a resource, until it is given back in whatever way', async () => {
    const { manager, clock, fakes } = await start({ scaling: 'off', workerCount: 2, maxWorkerCount: 2 });
    const [first, second] = fakes.all as [FakeResource, FakeResource];
    expect(manager.leaseOf(first)).toBe(undefined);
    const leases = [await manager.lease(), await manager.lease()];
    for (const lease of leases) expect(manager.leaseOf(lease.resource)).toBe(lease);
    watch(manager.leaseOf(first)?.release() ?? Promise.reject(new Error('no lease')));
    expect([manager.leaseOf(first), manager.leaseOf(second)?.resource]).toEqual([undefined, second]);
    await manager.leaseOf(second)?.destroy();
    expect(manager.leaseOf(second)).toBe(undefined);
    await clock.advance(0);
  });

  it('knows nothing of tasks, nor of a lease that the manager has given up', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    await manager.queueTask((resource) => expect(manager.leaseOf(resource)).toBe(undefined));
    const { resource } = await manager.lease();
    expect(manager.leaseOf(resource)).not.toBe(undefined);
    watch(manager.kill());
    expect(manager.leaseOf(resource)).toBe(undefined);
    await clock.advance(0);
  });

  it('finds the oldest of several on one resource that is still held', async () => {
    const { manager } = await start({ fakes: { places: 3 }, maxWorkerCount: 1, tasksPerWorker: 3 });
    const leases = [await manager.lease(), await manager.lease(), await manager.lease()];
    const resource = leases[0]?.resource as FakeResource;
    const found = [];
    for (const turn of [1, 0, 2]) {
      found.push(leases.indexOf(manager.leaseOf(resource) as Lease<FakeResource>));
      await leases[turn]?.release();
    }
    expect([found, manager.leaseOf(resource)]).toEqual([[0, 0, 2], undefined]);
  });

  it('finds no lease that is being given back, while checkHealth judges its resource', async () => {
    const found: unknown[] = [];
    const { manage } = harness();
    const manager = await manage({
      checkHealth: (_error, { resource }) => found.push(manager.leaseOf(resource)) > 0,
    });
    const lease = await manager.lease();
    await lease.release(new Error('failed in the hands of its holder'));
    expect(found).toEqual([undefined]);
  });
});
