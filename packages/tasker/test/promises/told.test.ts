import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { CreateContext, TaskerEvents } from '../../src/index.ts';
import { children } from '../support/lifecycle-child.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { harness, start, watch } from '../support/harness.ts';

const run = children();

afterEach(() => void vi.restoreAllMocks());

const checkHealth = (): never => {
  throw new Error('oops');
};

describe('a resource that dies under its user', () => {
  it('aborts the signal of each task and lease that uses it, with the reason, and nothing else', async () => {
    const { clock, fakes, manage } = harness({ places: 3 });
    const contexts: CreateContext[] = [];
    const { onCreate } = fakes;
    const manager = await manage({
      tasksPerWorker: 3,
      workerCount: 2,
      maxWorkerCount: 2,
      onCreate: (context) => (contexts.push(context), onCreate(context)),
    });
    const log: unknown[] = [];
    const watched = Array.from({ length: 6 }, (_, i) =>
      watch(
        manager.queueTask(async (resource, { signal }) => {
          signal.addEventListener('abort', () => log.push([i, resource.id, signal.reason]));
          await resource.work(100);
          return i;
        }),
      ),
    );
    await clock.advance(10);
    const gone = new Error('connection lost');
    contexts[0]?.invalidate(gone);
    expect(log).toEqual([1, 3, 5].map((i) => [i, 1, gone]));
    await clock.advance(100);
    expect(watched.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5]); // it is for the task to end
    expect(fakes.reasons).toEqual(['invalidated']);
  });

  it('aborts the signal of a lease, and of one that has not looked at it yet', async () => {
    const { clock, fakes, manage } = harness();
    let context: CreateContext | undefined;
    const { onCreate } = fakes;
    const manager = await manage({ maxWorkerCount: 1, onCreate: (own) => ((context = own), onCreate(own)) });
    const lease = await manager.lease();
    context?.invalidate('gone');
    expect([lease.signal.aborted, lease.signal.reason]).toEqual([true, 'gone']);
    await lease.release();
    const late = watch(
      manager.queueTask(async (resource, own) => {
        context?.invalidate();
        await resource.work(1);
        return own.signal.reason as unknown;
      }),
    );
    await clock.advance(10);
    expect(late.value).toMatchObject({ name: 'AbortError' });
  });

  it('has the error of its task judged as usual, and checkHealth knows that it was invalidated', async () => {
    const { clock, fakes, manage } = harness();
    let context: CreateContext | undefined;
    const { onCreate } = fakes;
    const seen: boolean[] = [];
    const manager = await manage({
      onCreate: (own) => ((context = own), onCreate(own)),
      checkHealth: (_, { invalidated }) => (seen.push(invalidated), !invalidated),
    });
    const retried = watch(
      manager.queueTask(({ id }, { attempt }) => {
        if (attempt > 1) return id;
        context?.invalidate('the browser has crashed');
        throw new Error('target closed');
      }),
    );
    const own = watch(manager.queueTask(() => Promise.reject(new Error('of its own'))));
    await clock.advance(10);
    expect([retried.value, own.state, seen]).toEqual([2, 'rejected', [true, false]]);
  });

  it('a task that invalidates its own resource goes on undisturbed', async () => {
    const { manager, clock } = await start();
    const outcome = watch(
      manager.queueTask((_, { invalidate, signal }) => {
        invalidate('used up');
        return signal.aborted;
      }),
    );
    await clock.advance(10);
    expect(outcome.value).toBe(false);
  });
});

describe('nothing is silent:', () => {
  it('resourceDestroyed and the log tell what stands behind the reason', async () => {
    const { clock, fakes, manage } = harness();
    const log: [string, string][] = [];
    const note =
      (level: string) =>
      (message: string): void =>
        void log.push([level, message.replace(/^tasker: /, '')]);
    let context: CreateContext | undefined;
    const { onCreate } = fakes;
    const manager = await manage({
      maxWorkerCount: 1,
      logger: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
      checkHealth: () => false,
      onCreate: (own) => ((context = own), onCreate(own)),
    });
    const told: TaskerEvents['resourceDestroyed'][] = [];
    manager.on('resourceDestroyed', (event) => told.push(event));
    const sick = new Error('ECONNRESET');
    watch(manager.queueTaskOnce(() => Promise.reject(sick)));
    await clock.advance(2_000);
    context?.invalidate('closed by the server');
    await clock.advance(2_000);
    watch(manager.queueTask((_, { invalidate }) => invalidate('memory')));
    await clock.advance(2_000);
    watch(manager.lease().then((lease) => lease.destroy('transaction aborted')));
    await clock.advance(2_000);
    watch(manager.recycle({ reason: 'new password' }));
    await clock.advance(2_000);
    expect(told.map(({ reason, cause }) => [reason, cause])).toEqual([
      ['sick', sick],
      ['invalidated', 'closed by the server'],
      ['invalidated', 'memory'],
      ['invalidated', 'transaction aborted'],
      ['recycled', 'new password'],
    ]);
    const lines = log.filter(([, line]) => line.startsWith('a resource ')).map(([level, line]) => `${level} ${line}`);
    expect(lines).toContain('warn a resource is replaced (base, sick): Error: ECONNRESET');
    expect(lines).toContain('warn a resource is replaced (base, invalidated): closed by the server');
    expect(lines).toContain('debug a resource was destroyed (base, recycled): new password');
  });

  it('also what stands behind the end of a resource that died before it was up', async () => {
    const { clock, fakes, manage } = harness();
    const manager = await manage({
      onCreate: (context) => {
        if (fakes.attempts === 1) context.invalidate('refused at once');
        return fakes.onCreate(context);
      },
    });
    const told: unknown[] = [];
    manager.on('resourceDestroyed', ({ cause }) => told.push(cause));
    watch(manager.recycle());
    await clock.advance(2_000);
    expect(told).toEqual([undefined, 'refused at once']);
  });

  it('an answer of validate that is no boolean is reported, and counts as what it is in a condition', async () => {
    for (const [answer, isFit] of [
      [undefined, false],
      ['yes', true],
      [Promise.resolve(0), false],
    ] as const) {
      const { manager, clock, fakes } = await start({ validate: () => answer as unknown as boolean });
      const errors: string[] = [];
      manager.on('error', ({ source, error }) => errors.push(`${source}: ${(error as Error).message}`));
      await clock.advance(1_000);
      watch(manager.queueTask(() => 1));
      await clock.advance(0);
      expect(errors).toEqual([
        expect.stringMatching(/^validate: validate must return a boolean, or a promise of one, got /),
      ]);
      expect(fakes.destroyed).toBe(isFit ? 0 : 1);
    }
  });

  it('an error that no listener and no logger hears becomes one warning of the process per source', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { manager, clock } = await start({
      checkHealth: () => {
        throw new Error('oops');
      },
      onRelease: () => Promise.reject(new Error('dirty')),
      name: 'db',
    });
    for (let i = 0; i < 3; i++) watch(manager.queueTask(() => Promise.reject(new Error('no'))));
    await clock.advance(100);
    expect(warnings.mock.calls.map(([message]) => String(message))).toEqual([
      expect.stringMatching(
        /^tasker db: checkHealth failed: Error: oops \(listen to the event error, or pass a logger/,
      ),
      expect.stringMatching(/^tasker db: onRelease failed: Error: dirty/),
    ]);
  });

  it('and none where somebody listens, or has passed a logger', async () => {
    const warnings = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const logger = { ...silentLogger };
    for (const overrides of [{ checkHealth }, { checkHealth, logger }]) {
      const { manager, clock } = await start({ ...overrides });
      if (!('logger' in overrides)) manager.on('error', () => {});
      watch(manager.queueTask(() => Promise.reject(new Error('no'))));
      await clock.advance(100);
    }
    expect(warnings).not.toHaveBeenCalled();
  });

  it('elsewhere than on Node it is console.warn', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const emitWarning = process.emitWarning.bind(process);
    Object.assign(process, { emitWarning: undefined });
    try {
      const manager = await createTaskManager({
        workerCount: 1,
        resourcePoolSize: 0,
        onCreate: () => 1,
        onDestroy: () => {
          throw new Error('no');
        },
      });
      await manager.stop();
    } finally {
      Object.assign(process, { emitWarning });
    }
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('shows the warning in a process of its own', async () => {
    const { stderr, code } = await run(`
      import { createTaskManager } from 'tasker';
      const manager = await createTaskManager({
        workerCount: 1, onCreate: () => 1, onDestroy: () => { throw new Error('cannot close'); },
      });
      await manager.stop();
    `);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/TaskerWarning: tasker: onDestroy failed: Error: cannot close/),
    ]);
  });
});
