import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCollector } from '../../src/index.ts';
import type { CreateContext, TaskerError, TaskManager } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { code, harness, start, watch, word } from '../support/harness.ts';

afterEach(() => void vi.restoreAllMocks());

describe('an aborted signal', () => {
  it('removes a waiting task at once, and its promise rejects at once with the reason of the signal', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const busy = watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(0);
    const controller = new AbortController();
    const reason = new Error('the user left');
    let ran = false;
    const waiting = watch(
      manager.queueTask(
        () => {
          ran = true;
        },
        { signal: controller.signal },
      ),
    );
    expect(manager.stats().queuedTasks).toBe(1);
    controller.abort(reason);
    expect(manager.stats().queuedTasks).toBe(0);
    await Promise.resolve();
    await Promise.resolve();
    expect(waiting.error).toBe(reason);
    await clock.advance(100);
    expect([busy.state, ran]).toEqual(['fulfilled', false]);
    expect(manager.metrics()).toMatchObject({ totalTasksCancelled: 1, totalTasksFailed: 0 });
  });

  it('that is aborted already rejects, and nothing is queued', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1 });
    const signal = AbortSignal.abort('too late');
    let ran = false;
    const run = (): void => void (ran = true);
    const all = [
      watch(manager.queueTask(run, { signal })),
      watch(manager.queueTaskOnce(run, { signal })),
      watch(manager.runTask(run, { signal })),
    ];
    expect(manager.stats()).toMatchObject({ queuedTasks: 0 });
    await clock.advance(0);
    expect([all.map(({ error }) => error), ran]).toEqual([['too late', 'too late', 'too late'], false]);
  });

  it('without a reason of its own rejects with an AbortError, as fetch does', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(0);
    const controller = new AbortController();
    const waiting = watch(manager.queueTask(() => {}, { signal: controller.signal }));
    controller.abort();
    await clock.advance(0);
    expect([(waiting.error as Error).name, waiting.error]).toEqual(['AbortError', controller.signal.reason]);
  });

  it('removes a retry in backoff at once, and it never runs again', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1_000 }) });
    const controller = new AbortController();
    let runs = 0;
    const outcome = watch(
      manager.queueTask(
        () => {
          runs++;
          throw new Error('sick');
        },
        { signal: controller.signal },
      ),
    );
    await clock.advance(500);
    expect(manager.stats()).toMatchObject({ retryingTasks: 1, queuedTasks: 1 });
    controller.abort('enough');
    expect(manager.stats()).toMatchObject({ retryingTasks: 0, queuedTasks: 0 });
    await clock.advance(0);
    expect([outcome.error, clock.pending]).toEqual(['enough', 0]);
    await clock.advance(10_000);
    expect(runs).toBe(1);
  });

  it('shared by many removes exactly those that wait on it, and the others keep their order', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(0);
    const controller = new AbortController();
    const log: number[] = [];
    const all = Array.from({ length: 300 }, (_, n) =>
      watch(
        manager.queueTask(() => void log.push(n), {
          priority: n % 2,
          ...(n % 3 !== 0 && { signal: controller.signal }),
        }),
      ),
    );
    controller.abort('all of them');
    expect(manager.stats()).toMatchObject({ queuedTasks: 50, priorityTasks: 50 });
    await clock.advance(10);
    const left = Array.from({ length: 100 }, (_, i) => i * 3);
    expect(log).toEqual([...left.filter((n) => n % 2 === 1), ...left.filter((n) => n % 2 === 0)]);
    expect(all.filter(({ error }) => error === 'all of them')).toHaveLength(200);
  });

  it('in the same stretch as the submission, before anything started, keeps the task from running', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1 });
    const controller = new AbortController();
    const log: string[] = [];
    const all = [
      watch(manager.queueTask(() => void log.push('queued'), { signal: controller.signal })),
      watch(manager.runTask(() => void log.push('direct'), { signal: controller.signal })),
    ];
    controller.abort('changed my mind');
    await clock.advance(0);
    expect([log, all.map(({ error }) => error)]).toEqual([[], ['changed my mind', 'changed my mind']]);
  });
});

describe('queueTimeout', () => {
  it('removes a waiting task when it has passed, and its promise rejects with QUEUE_TIMEOUT', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(1_000)));
    await clock.advance(0);
    let ran = false;
    const waiting = watch(
      manager.queueTask(
        () => {
          ran = true;
        },
        { queueTimeout: 100, name: 'impatient' },
      ),
    );
    await clock.advance(99);
    expect([waiting.state, manager.stats().queuedTasks]).toEqual(['pending', 1]);
    await clock.advance(1);
    expect([code(waiting), manager.stats().queuedTasks]).toEqual(['QUEUE_TIMEOUT', 0]);
    expect((waiting.error as TaskerError).task).toMatchObject({ name: 'impatient', attempt: 0 });
    await clock.advance(1_000);
    expect(ran).toBe(false);
    expect(manager.metrics()).toMatchObject({ totalTasksFailed: 1, totalTasksCancelled: 0 });
  });

  it('ends at the first start: neither the run nor the wait for a retry counts', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 500 }) });
    const outcome = watch(
      manager.queueTask(
        async (resource, { attempt }) => {
          await resource.work(200);
          if (attempt === 1) throw new Error('sick');
          return 'done';
        },
        { queueTimeout: 100 },
      ),
    );
    await clock.advance(900);
    expect(outcome.value).toBe('done');
  });

  it('that has passed while its timer is late keeps the task from starting, too', async () => {
    // A busy process: time jumps, and the worker is free before the timers run.
    const { manager, clock } = await start({ scaling: 'off' });
    let ran = false;
    const waiting = watch(
      manager.queueTask(
        () => {
          ran = true;
        },
        { queueTimeout: 10 },
      ),
    );
    vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 11);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    vi.restoreAllMocks();
    await clock.advance(20);
    expect([code(waiting), ran]).toEqual(['QUEUE_TIMEOUT', false]);
  });

  it('that has passed while its timer is late holds up neither the worker nor the next task', async () => {
    for (const isBusy of [true, false]) {
      const { manager, clock } = await start({ scaling: 'off' });
      const gate = deferred<void>();
      if (isBusy) {
        watch(manager.queueTask(() => gate.promise));
        await clock.advance(0);
      }
      const late = watch(manager.queueTask(() => 'late', { queueTimeout: 10 }));
      const next = watch(manager.queueTask(() => 'next'));
      vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 11);
      gate.resolve();
      for (let i = 0; i < 10; i++) await Promise.resolve();
      expect([code(late), next.value]).toEqual(['QUEUE_TIMEOUT', 'next']);
      vi.restoreAllMocks();
      await clock.advance(20);
    }
  });

  type Hook = (manager: TaskManager<FakeResource>, resource: CreateContext) => void;
  for (const [what, hook] of [
    ['says that the resource has died', (_, resource) => resource.invalidate()],
    ['pauses the manager', (manager) => manager.pause()],
  ] as [string, Hook][]) {
    it(`starts nothing in its place if a collector ${what} when it is told`, async () => {
      const { clock, fakes, manage } = harness();
      const collector = createCollector();
      let resource: CreateContext | undefined;
      collector.recordFailure = () => {
        if (resource !== undefined) hook(manager, resource);
      };
      const manager: TaskManager<FakeResource> = await manage({
        collector,
        maxWorkerCount: 1,
        onCreate: (context) => {
          resource = context;
          return fakes.onCreate(context);
        },
      });
      const late = watch(manager.queueTask(() => 'late', { queueTimeout: 10 }));
      const next = watch(manager.queueTask(({ id }) => id));
      vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 11);
      for (let i = 0; i < 3; i++) await Promise.resolve();
      expect([code(late), next.state]).toEqual(['QUEUE_TIMEOUT', 'pending']);
      vi.restoreAllMocks();
      await clock.advance(10_000);
      manager.resume();
      await clock.advance(0);
      expect(next.value).toBe(fakes.created);
    });
  }

  it('is counted from the submission, however late in the life of the manager that is', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    await clock.advance(10_000);
    const limits = { queueTimeout: 5_000, deadline: 5_000 };
    const outcomes = [watch(manager.queueTask(() => 'ran', limits)), watch(manager.runTask(() => 'ran', limits))];
    await clock.advance(0);
    expect(outcomes.map(({ value }) => value)).toEqual(['ran', 'ran']);
  });

  it('lets a task start in the very instant in which it ends', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(0); // so that the worker is free before the timer comes
    const waiting = watch(manager.queueTask(() => 'ran', { queueTimeout: 10 }));
    await clock.advance(10);
    expect(waiting.value).toBe('ran');
  });

  it('of 0 does not count the moment between the submission and the start', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const now = watch(manager.queueTask(() => 'ran', { queueTimeout: 0 }));
    vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 0.01);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(now.value).toBe('ran');
  });

  it('of 0 means now or never: it runs if a worker is free, and else rejects', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const now = watch(manager.queueTask((resource) => resource.work(10), { queueTimeout: 0 }));
    const never = watch(manager.queueTask(() => {}, { queueTimeout: 0 }));
    await clock.advance(0);
    expect([now.state, code(never)]).toEqual(['pending', 'QUEUE_TIMEOUT']);
    await clock.advance(10);
    expect(now.state).toBe('fulfilled');
  });

  it("has the manager's as its default, and Infinity as its own means none", async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      queueTimeout: 50,
      resourcePoolSize: 1,
      maxTemporaryResources: 0,
    });
    watch(manager.queueTask((resource) => resource.work(100)));
    watch(manager.runTask((resource) => resource.work(100)));
    const all = [
      watch(manager.queueTask(() => 'ran')),
      watch(manager.queueTask(() => 'ran', { queueTimeout: 60 })),
      watch(manager.queueTask(() => 'ran', { queueTimeout: Infinity })),
      watch(manager.runTask(() => 'ran')),
      watch(manager.runTask(() => 'ran', { queueTimeout: Infinity })),
    ];
    await clock.advance(50);
    const standing = () => all.map(word);
    expect(standing()).toEqual(['QUEUE_TIMEOUT', 'pending', 'pending', 'QUEUE_TIMEOUT', 'pending']);
    await clock.advance(50);
    expect(standing()).toEqual(['QUEUE_TIMEOUT', 'QUEUE_TIMEOUT', 'fulfilled', 'QUEUE_TIMEOUT', 'fulfilled']);
  });

  it('also bounds the time that a temporary resource of runTask takes to make', async () => {
    const { manager, clock } = await start({ fakes: { createDelay: (n) => (n > 1 ? 100 : 0) } });
    const outcome = watch(manager.runTask(() => 'ran', { queueTimeout: 50 }));
    await clock.advance(50);
    expect(code(outcome)).toBe('QUEUE_TIMEOUT');
    await clock.advance(100);
    expect(manager.stats().temporaryResources).toBe(0);
  });
});

describe('deadline', () => {
  it('removes a waiting task when it has passed, and its promise rejects with DEADLINE', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    watch(manager.queueTask((resource) => resource.work(1_000)));
    await clock.advance(0);
    const waiting = watch(manager.queueTask(() => {}, { deadline: 100 }));
    await clock.advance(99);
    expect(waiting.state).toBe('pending');
    await clock.advance(1);
    expect([code(waiting), manager.stats().queuedTasks]).toEqual(['DEADLINE', 0]);
    expect(Object.hasOwn(waiting.error as Error, 'cause')).toBe(false);
  });

  it('that has passed at the submission never lets the task start, whoever is free', async () => {
    const { manager, clock } = await start({ resourcePoolSize: 1 });
    let ran = false;
    const run = (): void => void (ran = true);
    const past = new Date(Date.now() - 1_000);
    const all = [
      watch(manager.queueTask(run, { deadline: 0 })),
      watch(manager.queueTask(run, { deadline: past })),
      watch(manager.runTask(run, { deadline: 0 })),
      watch(manager.runTask(run, { deadline: past })),
    ];
    await clock.advance(0);
    expect([all.map(code), ran]).toEqual([['DEADLINE', 'DEADLINE', 'DEADLINE', 'DEADLINE'], false]);
  });

  it('never lets a task start that gets its worker in the very instant of the deadline', async () => {
    for (const method of ['queueTask', 'runTask'] as const) {
      const { manager, clock } = await start({ scaling: 'off', resourcePoolSize: 1, maxTemporaryResources: 0 });
      watch(manager[method]((resource) => resource.work(100)));
      await clock.advance(0);
      let ran = false;
      const outcome = watch(
        manager[method](
          () => {
            ran = true;
          },
          { deadline: 100 },
        ),
      );
      await clock.advance(200);
      expect([code(outcome), ran], method).toEqual(['DEADLINE', false]);
    }
  });

  it('never lets a task start whose deadline has passed while its timer is late', async () => {
    // A busy process: time jumps, and the worker is free before the timers run.
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const waiting = watch(
      manager.queueTask(
        () => {
          log.push('ran');
        },
        { deadline: 10 },
      ),
    );
    vi.spyOn(clock, 'now').mockReturnValue(clock.now() + 11);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    vi.restoreAllMocks();
    await clock.advance(20);
    expect([code(waiting), log]).toEqual(['DEADLINE', []]);
  });

  it('may be a wall-clock instant', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    vi.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
    watch(manager.queueTask((resource) => resource.work(1_000)));
    await clock.advance(0);
    const waiting = watch(manager.queueTask(() => {}, { deadline: new Date(1_800_000_000_250) }));
    await clock.advance(249);
    expect(waiting.state).toBe('pending');
    await clock.advance(1);
    expect(code(waiting)).toBe('DEADLINE');
  });

  it('that is a wall-clock instant and has passed by the date lets nothing start, whatever the timers say', async () => {
    for (const method of ['queueTask', 'runTask'] as const) {
      const { manager, clock } = await start({ scaling: 'off', resourcePoolSize: 1, maxTemporaryResources: 0 });
      const date = vi.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
      watch(manager[method]((resource) => resource.work(100)));
      await clock.advance(0);
      let ran = false;
      const outcome = watch(manager[method](() => void (ran = true), { deadline: new Date(1_800_000_060_000) }));
      date.mockReturnValue(1_800_000_060_000); // the computer has slept, or somebody has set its date
      await clock.advance(100);
      expect([code(outcome), ran], method).toEqual(['DEADLINE', false]);
    }
  });

  it('that is a wall-clock instant and passes during a backoff lets no retry start', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }) });
    const date = vi.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
    let runs = 0;
    const fail = (): never => {
      runs++;
      throw new Error('own');
    };
    const outcome = watch(manager.queueTask(fail, { deadline: new Date(1_800_000_060_000) }));
    await clock.advance(50);
    date.mockReturnValue(1_800_000_070_000);
    await clock.advance(50);
    expect([code(outcome), runs]).toEqual(['DEADLINE', 1]);
  });

  it('is of the whole, retries included; during a backoff it has the last error as cause', async () => {
    const { manager, clock } = await start({
      checkHealth: () => ({ resource: 'replace', task: 'retry', after: 100 }),
      maxRetries: 9,
    });
    const errors: Error[] = [];
    const outcome = watch(
      manager.queueTask(
        (_, { attempt }) => {
          const error = new Error(`run ${attempt}`);
          errors.push(error);
          throw error;
        },
        { deadline: 250 },
      ),
    );
    await clock.advance(249);
    expect([outcome.state, errors.length]).toEqual(['pending', 3]);
    await clock.advance(1);
    expect(code(outcome)).toBe('DEADLINE');
    expect((outcome.error as Error).cause).toBe(errors[2]);
    await clock.advance(10_000);
    expect([errors.length, manager.stats().retryingTasks]).toEqual([3, 0]);
  });

  it('ends a running task, too, and aborts its signal', async () => {
    const { manager, clock } = await start({ abandonAfter: 10 });
    let signal: AbortSignal | undefined;
    const outcome = watch(
      manager.queueTask(
        (resource, context) => {
          signal = context.signal;
          return resource.work(105);
        },
        { deadline: 100 },
      ),
    );
    await clock.advance(100);
    expect([code(outcome), signal?.aborted]).toEqual(['DEADLINE', true]);
  });

  it('and queueTimeout, timeout and signal: whichever comes first decides, and no timer is left', async () => {
    const { manager, clock } = await start({ scaling: 'off', abandonAfter: 10 });
    const controller = new AbortController();
    const all = { deadline: 300, queueTimeout: 300, timeout: 300, signal: controller.signal };
    const outcomes = [
      watch(manager.queueTask((resource) => resource.work(50), all)),
      watch(manager.queueTask(() => {}, { ...all, queueTimeout: 20 })),
      watch(manager.queueTask(() => {}, { ...all, deadline: 30 })),
      watch(manager.queueTask((resource) => resource.work(105), { ...all, timeout: 100 })),
      watch(manager.queueTask(() => {}, all)),
    ];
    await clock.advance(150);
    expect(outcomes.map(word)).toEqual(['fulfilled', 'QUEUE_TIMEOUT', 'DEADLINE', 'TIMEOUT', 'pending']);
    controller.abort('over');
    await clock.advance(50);
    expect([outcomes[4]?.value ?? outcomes[4]?.error, clock.pending]).toEqual(['over', 0]);
  });
});
