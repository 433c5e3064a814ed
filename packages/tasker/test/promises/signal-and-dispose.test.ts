import { getEventListeners } from 'node:events';
import { createTaskManager } from 'tasker';
import type { CreateContext, TaskManager } from 'tasker';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { code, harness, start, watch } from '../support/harness.ts';

describe('aborting config.signal', () => {
  it('starts stop(): what was accepted finishes, nothing new is, then every resource is destroyed', async () => {
    const controller = new AbortController();
    const { manager, work, settle, clock, fakes } = await start({ signal: controller.signal });
    const log: boolean[] = [];
    const running = watch(
      manager.queueTask(async (resource, { signal }) => {
        await resource.work(100);
        log.push(signal.aborted);
      }),
    );
    const queued = watch(manager.queueTask(work(100)));
    await settle();
    controller.abort();
    expect(manager.stats().state).toBe('stopping');
    const late = watch(manager.queueTask(work(1)));
    await clock.advance(199);
    expect([code(late), running.state, queued.state, fakes.destroyed]).toEqual(['STOPPED', 'fulfilled', 'pending', 0]);
    await clock.advance(1);
    expect([queued.state, fakes.destroyed, manager.stats().state, log]).toEqual(['fulfilled', 1, 'stopped', [false]]);
  });

  it('leaves a promise to whoever calls stop() afterwards', async () => {
    const controller = new AbortController();
    const { manager, work, settle, clock } = await start({ signal: controller.signal });
    watch(manager.queueTask(work(100)));
    await settle();
    controller.abort();
    const stopping = watch(manager.stop());
    await clock.runAll();
    expect(stopping.value?.completed).toBe(1);
  });

  it('changes nothing once the manager is stopping or stopped', async () => {
    const controller = new AbortController();
    const { manager, work, settle, clock } = await start({ signal: controller.signal });
    watch(manager.queueTask(work(100)));
    await settle();
    const stopping = watch(manager.stop());
    controller.abort();
    await clock.runAll();
    expect([stopping.state, manager.stats().state]).toEqual(['fulfilled', 'stopped']);
  });

  it('has nobody listening after the shutdown', async () => {
    const { signal } = new AbortController();
    const { manager } = await start({ signal });
    await manager.stop();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('config.signal aborted before or during the start', () => {
  const SIZES = { workerCount: 3, resourcePoolSize: 2 };

  it('before: createTaskManager rejects with its reason, and nothing is made', async () => {
    const { fakes, clock, config } = harness();
    const reason = new Error('not today');
    const signal = AbortSignal.abort(reason);
    await expect(createTaskManager(config({ ...SIZES, signal }))).rejects.toBe(reason);
    expect([fakes.attempts, clock.pending]).toEqual([0, 0]);
  });

  it.each([true, false])(
    'during (creations that heed their signal: %s): rejects, nothing is left',
    async (cooperative) => {
      const { clock, fakes, config } = harness({ createDelay: (n) => n * 100, destroyDelay: 10, cooperative });
      const controller = new AbortController();
      const { signal } = controller;
      const starting = watch(createTaskManager(config({ ...SIZES, signal, destroyTimeout: 1_000 })));
      await clock.advance(250);
      const reason = new Error('changed my mind');
      controller.abort(reason);
      await clock.runAll();
      expect([starting.state, starting.error]).toEqual(['rejected', reason]);
      expect(fakes.alive).toBe(0);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    },
  );

  it('during, with a creation that hangs: rejects nevertheless', async () => {
    const { clock, fakes, timers, config } = harness({ hangCreate: (n) => n === 2 });
    const controller = new AbortController();
    const starting = watch(createTaskManager(config({ ...SIZES, signal: controller.signal })));
    await clock.advance(10);
    controller.abort('enough');
    await clock.runAll();
    expect([starting.error, fakes.destroyed, timers.armed]).toEqual(['enough', fakes.created, 0]);
  });

  it('by onCreate itself', async () => {
    const { clock, fakes, config } = harness();
    const controller = new AbortController();
    const onCreate = (context: CreateContext): Promise<FakeResource> => {
      if (fakes.attempts === 2) controller.abort('from inside');
      return fakes.onCreate(context);
    };
    const starting = watch(createTaskManager(config({ ...SIZES, onCreate, signal: controller.signal })));
    await clock.runAll();
    expect([starting.error, fakes.destroyed, clock.pending]).toEqual(['from inside', fakes.created, 0]);
  });

  it('at the very end, when the last resource has just come up: no half-stopped manager is handed out', async () => {
    const { clock, fakes, config } = harness();
    const controller = new AbortController();
    const onCreate = async (context: CreateContext): Promise<FakeResource> => {
      const resource = await fakes.onCreate(context);
      controller.abort('at the end');
      return resource;
    };
    const starting = watch(createTaskManager(config({ onCreate, signal: controller.signal })));
    await clock.runAll();
    expect([starting.error, fakes.destroyed, clock.pending]).toEqual(['at the end', 1, 0]);
  });
});

describe('config.signal aborted after a start that has failed', () => {
  it('changes nothing: the failure is told once what came up is gone', async () => {
    const { clock, config } = harness({ destroyDelay: 100, failCreate: (n) => n === 2 });
    const controller = new AbortController();
    const starting = watch(createTaskManager(config({ workerCount: 2, signal: controller.signal })));
    await clock.advance(50);
    controller.abort('too late');
    await clock.runAll();
    expect([starting.error, clock.pending]).toMatchObject([{ code: 'CREATE_FAILED' }, 0]);
  });
});

describe('await using', () => {
  it('stops at the end of the block', async () => {
    const { fakes, config } = harness();
    let seen: TaskManager<FakeResource> | undefined;
    let task = watch<number>(new Promise(() => {}));
    {
      await using manager = await createTaskManager(config({ workerCount: 2, resourcePoolSize: 2 }));
      seen = manager;
      task = watch(manager.queueTask(() => 42));
    }
    expect([task.value, seen.stats().state, fakes.destroyed]).toEqual([42, 'stopped', 4]);
    expect(fakes.created).toBe(4);
  });

  it('resolves at once after a shutdown', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const { manager } = await start();
      await manager[end]();
      await expect(manager[Symbol.asyncDispose]()).resolves.toBeUndefined();
    }
  });

  it('waits for a stop() or kill() under way', async () => {
    for (const end of ['stop', 'kill'] as const) {
      const { manager, clock, settle } = await start({ fakes: { destroyDelay: 100 } });
      watch(manager[end]());
      const disposal = watch(manager[Symbol.asyncDispose]());
      await settle();
      expect(disposal.state).toBe('pending');
      await clock.runAll();
      expect(disposal.state).toBe('fulfilled');
    }
  });
});
