import { describe, expect, it } from 'vitest';
import { createTaskManager, startTaskManager } from '../../src/index.ts';
import type { CreateContext } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { harness, start, watch } from '../support/harness.ts';
import { unhandled } from '../support/unhandled.ts';

const id = (resource: FakeResource): number => resource.id;

describe('startTaskManager', () => {
  it('gives the manager back at once, and ready when everything is up', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: (n) => n * 10 });
    const manager = adopt(startTaskManager(config({ workerCount: 2, resourcePoolSize: 1 })));
    const ready = watch(manager.ready);
    await clock.advance(29);
    expect([ready.state, manager.stats().state, fakes.attempts]).toEqual(['pending', 'starting', 3]);
    await clock.advance(1);
    expect([ready.state, manager.stats().state]).toEqual(['fulfilled', 'running']);
  });

  it('throws for a wrong option before anything is made', () => {
    const { fakes, config } = harness();
    expect(() => startTaskManager(config({ workerCount: 0 }))).toThrow('workerCount must be a positive integer, got 0');
    expect(fakes.attempts).toBe(0);
  });

  it('has what is submitted meanwhile run on the first worker that comes up, by priority', async () => {
    const { clock, config, adopt } = harness({ createDelay: (n) => n * 100 });
    const manager = adopt(startTaskManager(config({ workerCount: 2 })));
    const log: string[] = [];
    const first = watch(manager.queueTask((resource) => log.push(`low ${resource.id}`)));
    void manager.queueTask((resource) => log.push(`high ${resource.id}`), { priority: 1 });
    const lease = watch(manager.lease());
    expect(manager.stats()).toMatchObject({ queuedTasks: 2, priorityTasks: 1 });
    await clock.advance(100);
    expect([log, first.state, lease.state]).toEqual([['high 1', 'low 1'], 'fulfilled', 'fulfilled']);
    expect(manager.stats().state).toBe('starting');
    await lease.value?.release();
  });

  it('has runTask wait for the pool that is being made, and beyond that make temporary resources', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: 100 });
    const manager = adopt(startTaskManager(config({ resourcePoolSize: 2 })));
    const runs = [1, 2, 3].map(() => watch(manager.runTask((_, { worker }) => worker.kind)));
    await clock.advance(0);
    expect([fakes.attempts, manager.stats().temporaryResources]).toEqual([4, 1]);
    await clock.advance(100);
    const kinds = runs.map(({ value }) => value);
    expect(kinds.filter((kind) => kind === 'pool')).toHaveLength(2);
  });

  it('can be paused, resized and asked to recycle before it is up', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: 100 });
    const manager = adopt(startTaskManager(config({ workerCount: 1 })));
    manager.pause();
    manager.resize({ workerCount: 3 });
    const recycled = watch(manager.recycle());
    const task = watch(manager.queueTask(id));
    await clock.advance(100);
    expect([manager.stats().state, manager.stats().activeWorkers, task.state]).toEqual(['paused', 3, 'pending']);
    await clock.advance(1_000);
    expect([recycled.state, fakes.reasons]).toEqual(['fulfilled', ['recycled', 'recycled', 'recycled']]);
    manager.resume();
    await clock.advance(0);
    expect(task.value).toBeGreaterThan(3);
  });

  it('is up when a resize leaves nothing that it lacks, and what is no longer wanted may fail', async () => {
    for (const size of [{ workerCount: 2 }, { resourcePoolSize: 0 }]) {
      const { clock, config, adopt } = harness({ hangCreate: (n) => n === 3 });
      const sizes = 'workerCount' in size ? { workerCount: 3 } : { workerCount: 2, resourcePoolSize: 1 };
      const manager = adopt(startTaskManager(config({ ...sizes, createTimeout: 1_000 })));
      const ready = watch(manager.ready);
      await clock.advance(100);
      expect(ready.state).toBe('pending');
      manager.resize(size);
      await clock.advance(0);
      expect([ready.state, manager.stats().state]).toEqual(['fulfilled', 'running']);
      await clock.advance(1_000);
      expect(manager.stats()).toMatchObject({ state: 'running', activeWorkers: 2, startingWorkers: 0 });
    }
  });

  it('does not fail by what it does not need: a burst worker, or one that a resize has made too many', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: (n) => n * 100, failCreate: (n) => n === 2 });
    const manager = adopt(startTaskManager(config({ workerCount: 2, targetWait: 0 })));
    const ready = watch(manager.ready);
    manager.resize({ workerCount: 1 });
    await clock.advance(200);
    expect([ready.state, fakes.attempts]).toEqual(['fulfilled', 2]);

    const other = harness();
    const kinds: string[] = [];
    const onCreate = async (context: CreateContext): Promise<FakeResource> => {
      kinds.push(context.kind);
      if (context.kind === 'burst') throw new Error('too many connections');
      await other.sleep(context.kind === 'pool' ? 500 : 10);
      return other.fakes.onCreate(context);
    };
    const busy = other.adopt(startTaskManager(other.config({ onCreate, resourcePoolSize: 1, targetWait: 0 })));
    const up = watch(busy.ready);
    const tasks = [1, 2, 3].map(() => watch(busy.queueTask((resource) => resource.work(50))));
    await other.clock.advance(1_000);
    expect(kinds.slice(0, 3)).toEqual(['base', 'pool', 'burst']);
    expect([up.state, ...tasks.map(({ state }) => state)]).toEqual(Array(4).fill('fulfilled'));
  });

  it('rejects ready and what waits when a resource cannot be made, and refuses what comes later', async () => {
    const cause = new Error('no route to host');
    const { clock, config, adopt } = harness({ createDelay: 10, failCreate: (n) => n === 1 && cause });
    const manager = adopt(startTaskManager(config({ workerCount: 2, resourcePoolSize: 1 })));
    const ready = watch(manager.ready);
    const waiting = [manager.queueTask(id), manager.lease(), manager.runTask(id), manager.submit(id).result].map(
      (promise) => watch<unknown>(promise),
    );
    await clock.advance(10);
    const failed = { code: 'CREATE_FAILED', cause };
    expect(ready.error).toMatchObject({ ...failed, message: expect.stringContaining('no route to host') as string });
    for (const { error } of waiting) expect(error).toMatchObject(failed);
    await expect(manager.queueTask(id)).rejects.toMatchObject({
      code: 'STOPPED',
      message: expect.stringContaining('could not start') as string,
      cause: ready.error,
    });
    expect(manager.stats()).toMatchObject({ state: 'stopped', activeWorkers: 0, queuedTasks: 0 });
  });

  it('lets a task that runs when the start fails go on for destroyTimeout, and then kills it', async () => {
    const { clock, config, adopt, sleep } = harness({ createDelay: (n) => n * 10, failCreate: (n) => n === 3 });
    const manager = adopt(startTaskManager(config({ workerCount: 3, destroyTimeout: 500 })));
    const short = watch(manager.queueTask(() => sleep(100)));
    const long = watch(manager.queueTask(() => new Promise(() => {})));
    const ready = watch(manager.ready);
    await clock.advance(130);
    expect([short.state, long.state, ready.state]).toEqual(['fulfilled', 'pending', 'pending']);
    await clock.advance(400);
    expect([long.error, ready.error]).toMatchObject([{ code: 'KILLED' }, { code: 'CREATE_FAILED' }]);
  });

  it('rejects a task that was to be retried when the start had failed', async () => {
    for (const after of [0, 10_000]) {
      const { clock, config, adopt } = harness({ createDelay: (n) => (n === 1 ? 0 : 50), failCreate: (n) => n === 2 });
      const manager = adopt(
        startTaskManager(config({ workerCount: 2, checkHealth: () => ({ resource: 'keep', task: 'retry', after }) })),
      );
      const task = watch(
        manager.queueTask((resource) => resource.work(60).then(() => Promise.reject(new Error('sick')))),
      );
      const ready = watch(manager.ready);
      await clock.advance(100);
      expect([task.error, ready.state, manager.stats().state]).toMatchObject([
        { code: 'CREATE_FAILED' },
        'rejected',
        'stopped',
      ]);
    }
  });

  it('leaves no rejection unhandled, whoever asks for nothing', async () => {
    const { clock, config, adopt } = harness({ failCreate: true });
    const manager = adopt(startTaskManager(config()));
    void manager.queueTask(id);
    manager.submit(id);
    void manager.runTask(id);
    void manager.lease();
    await clock.advance(10);
    expect(unhandled).toEqual([]);
  });

  it('ends with the signal of its configuration: ready rejects with its reason, what waits with STOPPED', async () => {
    for (const when of ['before', 'during'] as const) {
      const { clock, fakes, config, adopt } = harness({ createDelay: 100 });
      const controller = new AbortController();
      const reason = new Error('changed my mind');
      if (when === 'before') controller.abort(reason);
      const manager = adopt(startTaskManager(config({ signal: controller.signal })));
      const ready = watch(manager.ready);
      const task = watch(manager.queueTask(id));
      controller.abort(reason);
      await clock.advance(100);
      expect(ready.error).toBe(reason);
      expect(task.error).toMatchObject({ code: 'STOPPED', cause: reason });
      expect(fakes.attempts).toBe(when === 'before' ? 0 : 1);
    }
  });

  it('by stop() before it is up finishes what was accepted, and rejects ready', async () => {
    const { clock, fakes, config, adopt } = harness({ createDelay: 100 });
    const manager = adopt(startTaskManager(config({ workerCount: 2 })));
    const ready = watch(manager.ready);
    const task = watch(manager.queueTask(id));
    const stop = watch(manager.stop());
    await clock.advance(0);
    expect(ready.error).toMatchObject({ code: 'STOPPED' });
    await clock.advance(100);
    expect([task.value, stop.value?.completed, fakes.alive]).toEqual([1, 1, 0]);
  });

  it('by kill() before it is up rejects what waits, and ready', async () => {
    const { clock, config, adopt } = harness({ createDelay: 100 });
    const manager = adopt(startTaskManager(config()));
    const ready = watch(manager.ready);
    const task = watch(manager.queueTask(id));
    const kill = watch(manager.kill());
    await clock.advance(0);
    expect([ready.error, task.error, kill.state]).toMatchObject([{ code: 'STOPPED' }, { code: 'KILLED' }, 'fulfilled']);
    await clock.advance(100);
  });

  it('after a failed start stop() and kill() resolve with a report, and stopped is the last event', async () => {
    const { clock, config, adopt } = harness({ failCreate: true, createDelay: 10 });
    const manager = adopt(startTaskManager(config()));
    const events: string[] = [];
    for (const event of ['createFailed', 'failed', 'stopped'] as const) manager.on(event, () => events.push(event));
    const task = watch(manager.queueTask(id));
    const early = watch(manager.stop()); // waits for the task
    await clock.advance(10);
    expect([task.state, early.state]).toEqual(['pending', 'pending']); // a stop tries again, since a task waits

    const other = adopt(startTaskManager(config()));
    other.on('stopped', () => events.push('other stopped'));
    const lost = watch(other.queueTask(id));
    await clock.advance(10);
    expect(lost.state).toBe('rejected');
    expect(await other.stop()).toMatchObject({ completed: 0, failed: 1, dropped: [] });
    expect(await other.kill()).toBe(await other.stop());
    expect(events).toContain('other stopped');
    await clock.advance(60_000);
    expect([task.error, early.value, events.at(-1)]).toMatchObject([
      { code: 'CREATE_FAILED' },
      { failed: 1 },
      'stopped',
    ]);
  });

  it('is what createTaskManager awaits: its ready is fulfilled', async () => {
    const { manager } = await start();
    await expect(manager.ready).resolves.toBeUndefined();
    expect(createTaskManager).not.toBe(startTaskManager);
  });
});
