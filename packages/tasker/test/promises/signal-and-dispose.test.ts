import { getEventListeners } from 'node:events';
import { createTaskManager } from 'tasker';
import type { TaskManager } from 'tasker';
import { fakeResources, VirtualClock } from 'tasker/testing';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { benches, code, outcome, OwnTimers } from '../support/lifecycle-harness.ts';

const start = benches();

describe('aborting config.signal', () => {
  it('starts stop(): what was accepted finishes, nothing new is, then every resource is destroyed', async () => {
    const controller = new AbortController();
    const { manager, work, settle, clock, fakes } = await start({ signal: controller.signal });
    const log: boolean[] = [];
    const running = outcome(
      manager.queueTask(async (resource, { signal }) => {
        await resource.work(100);
        log.push(signal.aborted);
      }),
    );
    const queued = outcome(manager.queueTask(work(100)));
    await settle();
    controller.abort();
    expect(manager.stats().state).toBe('stopping');
    const late = outcome(manager.queueTask(work(1)));
    await clock.advance(199);
    expect([code(late), running.state, queued.state, fakes.destroyed]).toEqual(['STOPPED', 'fulfilled', 'pending', 0]);
    await clock.advance(1);
    expect([queued.state, fakes.destroyed, manager.stats().state, log]).toEqual(['fulfilled', 1, 'stopped', [false]]);
  });

  it('leaves a promise to whoever calls stop() afterwards', async () => {
    const controller = new AbortController();
    const { manager, work, settle, clock } = await start({ signal: controller.signal });
    outcome(manager.queueTask(work(100)));
    await settle();
    controller.abort();
    const stopping = outcome(manager.stop());
    await clock.runAll();
    expect(stopping.value?.completed).toBe(1);
  });

  it('changes nothing once the manager is stopping or stopped', async () => {
    const controller = new AbortController();
    const { manager, work, settle, clock } = await start({ signal: controller.signal });
    outcome(manager.queueTask(work(100)));
    await settle();
    const stopping = outcome(manager.stop());
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
  const config = { workerCount: 3, resourcePoolSize: 2 };

  it('before: createTaskManager rejects with its reason, and nothing is made', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock });
    const reason = new Error('not today');
    await expect(createTaskManager({ ...fakes, ...config, clock, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect([fakes.attempts, clock.pending]).toEqual([0, 0]);
  });

  it.each([true, false])(
    'during (creations that heed their signal: %s): rejects, nothing is left',
    async (cooperative) => {
      const clock = new VirtualClock();
      const timers = new OwnTimers(clock);
      const fakes = fakeResources({ clock, createDelay: (n) => n * 100, destroyDelay: 10, cooperative });
      const controller = new AbortController();
      const starting = outcome(
        createTaskManager({ ...fakes, ...config, clock: timers, signal: controller.signal, destroyTimeout: 1_000 }),
      );
      await clock.advance(250);
      const reason = new Error('changed my mind');
      controller.abort(reason);
      await clock.runAll();
      expect([starting.state, starting.error]).toEqual(['rejected', reason]);
      expect([fakes.destroyed, fakes.alive, timers.armed]).toEqual([fakes.created, 0, 0]);
      expect(fakes.violations).toEqual([]);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    },
  );

  it('during, with a creation that hangs: rejects nevertheless', async () => {
    const clock = new VirtualClock();
    const timers = new OwnTimers(clock);
    const fakes = fakeResources({ clock, hangCreate: (n) => n === 2 });
    const controller = new AbortController();
    const starting = outcome(createTaskManager({ ...fakes, ...config, clock: timers, signal: controller.signal }));
    await clock.advance(10);
    controller.abort('enough');
    await clock.runAll();
    expect([starting.error, fakes.destroyed, timers.armed]).toEqual(['enough', fakes.created, 0]);
  });

  it('by onCreate itself', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock });
    const controller = new AbortController();
    const starting = outcome(
      createTaskManager<FakeResource>({
        ...config,
        onDestroy: fakes.onDestroy,
        onCreate: (context) => {
          if (fakes.attempts === 2) controller.abort('from inside');
          return fakes.onCreate(context);
        },
        clock,
        signal: controller.signal,
      }),
    );
    await clock.runAll();
    expect([starting.error, fakes.destroyed, clock.pending]).toEqual(['from inside', fakes.created, 0]);
  });

  it('at the very end, when the last resource has just come up: no half-stopped manager is handed out', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock });
    const controller = new AbortController();
    const starting = outcome(
      createTaskManager<FakeResource>({
        workerCount: 1,
        resourcePoolSize: 0,
        onDestroy: fakes.onDestroy,
        onCreate: async (context) => {
          const resource = await fakes.onCreate(context);
          controller.abort('at the end');
          return resource;
        },
        clock,
        signal: controller.signal,
      }),
    );
    await clock.runAll();
    expect([starting.error, fakes.destroyed, clock.pending]).toEqual(['at the end', 1, 0]);
  });
});

describe('config.signal aborted after a start that has failed', () => {
  it('changes nothing: the failure is told once what came up is gone', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, destroyDelay: 100, failCreate: (n) => n === 2 });
    const controller = new AbortController();
    const starting = outcome(
      createTaskManager({ ...fakes, workerCount: 2, resourcePoolSize: 0, clock, signal: controller.signal }),
    );
    await clock.advance(50);
    controller.abort('too late');
    await clock.runAll();
    expect([starting.error, clock.pending]).toMatchObject([{ code: 'CREATE_FAILED' }, 0]);
  });
});

describe('await using', () => {
  it('stops at the end of the block', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock });
    let seen: TaskManager<FakeResource> | undefined;
    let task = outcome<number>(new Promise(() => {}));
    {
      await using manager = await createTaskManager({ ...fakes, workerCount: 2, clock });
      seen = manager;
      task = outcome(manager.queueTask(() => 42));
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
      outcome(manager[end]());
      const disposal = outcome(manager[Symbol.asyncDispose]());
      await settle();
      expect(disposal.state).toBe('pending');
      await clock.runAll();
      expect(disposal.state).toBe('fulfilled');
    }
  });
});
