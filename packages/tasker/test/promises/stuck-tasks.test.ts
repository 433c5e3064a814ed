import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Lease, TaskContext, TaskHandle, TaskerEvents } from '../../src/index.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { start, watch } from '../support/harness.ts';
import type { Bench, BenchConfig } from '../support/harness.ts';
import { withThen } from '../support/with-then.ts';

type Stuck = TaskerEvents['stuck'];

/** A manager that tells after 100 ms, on as many workers as are given and no more. */
async function crew(workerCount: number, config: BenchConfig = {}) {
  const bench = await start({ workerCount, maxWorkerCount: workerCount, stuckAfter: 100, ...config });
  /** Each task that is stuck, with what it waits for: `!` stands for a deadlock. */
  const told: string[] = [];
  bench.manager.on('stuck', ({ task, waitsFor, isDeadlock }: Stuck) => {
    told.push(`${task.name ?? task.id}${isDeadlock ? '!' : ''}: ${waitsFor ?? '?'}`);
  });
  return { ...bench, told };
}

/** Lets what is stuck be told, and ends it all. */
async function finish({ clock, manager }: Bench): Promise<void> {
  await clock.advance(1_000);
  watch(manager.kill());
  await clock.advance(10_000);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a task that waits for itself is told of', () => {
  it('as one that waits for a nested task while all workers are taken', async () => {
    const bench = await crew(1);
    const { manager, told } = bench;
    watch(manager.queueTask(() => manager.queueTask(() => 1, { name: 'row' }), { name: 'import' }));
    await finish(bench);
    expect(told).toEqual([
      'import!: it waits for task 2 "row", which it has submitted and which waits for a worker: the only one is taken, ' +
        'by tasks that wait themselves',
    ]);
  });

  it('as many of them that have taken all workers, by whichever of them', async () => {
    const bench = await crew(4);
    const { manager, told } = bench;
    for (let i = 0; i < 4; i++) watch(manager.queueTask(async () => await manager.queueTask(() => 1)));
    await finish(bench);
    const rest = 'which it has submitted and which waits for a worker: all 4 are taken, by tasks that wait themselves';
    expect(told).toEqual([1, 2, 3, 4].map((id) => `${id}!: it waits for task ${id + 4}, ${rest}`));
  });

  it('in the log, too', async () => {
    const lines: string[] = [];
    const logger = { ...silentLogger, warn: (line: string) => lines.push(line) };
    const bench = await crew(1, { logger });
    const { manager } = bench;
    watch(manager.queueTask(() => manager.queueTask(() => 1, { name: 'row' }), { name: 'import' }));
    await finish(bench);
    expect(lines[0]).toMatch(/^tasker: task 1 "import" is stuck: it waits for task 2 "row", which it has submitted/);
  });

  it('after real awaits before the submission, and in a function that only returns a thenable', async () => {
    const bench = await crew(2);
    const { manager, told } = bench;
    watch(
      manager.queueTask(async (resource) => {
        await resource.work(10);
        await Promise.resolve();
        return manager.queueTask(() => 1);
      }),
    );
    const lazy = withThen(
      () => (resolve: (value: unknown) => void) => void watch(manager.queueTask(() => 1).then(resolve)),
    );
    watch(manager.queueTask(() => lazy));
    await finish(bench);
    expect(told.map((line) => line.slice(0, 24))).toEqual(['1!: it waits for task 4,', '2!: it waits for task 3,']);
  });

  it('as one that waits for a nested task of its own key at its cap', async () => {
    const bench = await crew(4, { keyConcurrency: 1 });
    const { manager, told } = bench;
    watch(manager.queueTask(() => manager.queueTask(() => 1, { key: 'db' }), { key: 'db' }));
    await finish(bench);
    expect(told).toEqual([
      '1!: it waits for task 2, which it has submitted and which waits for its key "db", at its cap of 1',
    ]);
  });

  it('as one that waits for a nested lease, with all workers taken by itself and its other leases', async () => {
    const bench = await crew(2);
    const { manager, told } = bench;
    watch(
      manager.queueTask(async () => {
        const leases: Lease<FakeResource>[] = [await manager.lease()];
        leases.push(await manager.lease({ name: 'second' }));
        return leases.length;
      }),
    );
    await finish(bench);
    expect(told).toEqual([
      '1!: it waits for lease 3 "second", which it has asked for and which waits for a worker: all 2 are taken, ' +
        'by tasks that wait themselves',
      '2: ?', // the first lease waits for nothing
    ]);
  });

  it.each(['stop', 'drain', 'onIdle', 'recycle'] as const)('as one that has called %s()', async (method) => {
    const bench = await crew(2);
    const { manager, told } = bench;
    watch(manager.queueTask(() => manager[method]() as Promise<unknown>));
    await finish(bench);
    expect(told).toEqual([`1!: it has called ${method}(), which waits for it`]);
  });

  it('as one that disposes of its manager', async () => {
    const bench = await crew(1);
    const { manager, told } = bench;
    watch(
      manager.queueTask(async () => {
        await using own = manager;
        return own.stats().runningTasks;
      }),
    );
    await finish(bench);
    expect(told).toEqual(['1!: it has called stop(), which waits for it']);
  });

  it('as one that waits for its own result, or for one that waits for it', async () => {
    const bench = await crew(3);
    const { manager, told } = bench;
    const handles: TaskHandle<unknown>[] = [];
    handles.push(manager.submit((): unknown => handles[0]?.result));
    handles.push(manager.submit((): unknown => handles[2]?.result));
    handles.push(manager.submit((): unknown => handles[1]?.result));
    for (const handle of handles) watch(handle.result);
    await finish(bench);
    expect(told).toEqual([
      '1!: it waits for its own result',
      '2!: it waits for task 3, whose result it has asked for and which waits for task 2 in turn',
      '3!: it waits for task 2, whose result it has asked for and which waits for task 3 in turn',
    ]);
  });

  it('by what never comes rather than by what may', async () => {
    const bench = await crew(3, { keyConcurrency: 1 });
    const { manager, told } = bench;
    const both = (): Promise<unknown> =>
      Promise.all([
        manager.queueTask((resource) => resource.work(300), { name: 'slow' }),
        manager.queueTask(() => 1, { key: 'db' }),
      ]);
    watch(manager.queueTask(both, { key: 'db', name: 'import' }));
    await finish(bench);
    expect(told).toContain(
      'import!: it waits for task 3, which it has submitted and which waits for its key "db", at its cap of 1',
    );
  });

  it('through one that waits for its own result', async () => {
    const bench = await crew(2);
    const { manager, told } = bench;
    const nest = (): Promise<unknown> => {
      const handle: TaskHandle<unknown> = manager.submit((): unknown => handle.result);
      return handle.result;
    };
    watch(manager.queueTask(nest));
    await finish(bench);
    expect(told[0]).toBe('1!: it waits for task 2, which it has submitted and which waits for its own result');
  });

  it('through a chain of tasks', async () => {
    const bench = await crew(2);
    const { manager, told } = bench;
    watch(
      manager.queueTask(
        () => manager.queueTask(() => manager.queueTask(() => 1, { name: 'c' }), { name: 'b' }), // all on 2 workers
        { name: 'a' },
      ),
    );
    await finish(bench);
    const end = 'waits for a worker: all 2 are taken, by tasks that wait themselves';
    expect(told).toEqual([
      `a!: it waits for task 2 "b", which it has submitted and which waits for task 3 "c", which that one has submitted and which ${end}`,
      `b!: it waits for task 3 "c", which it has submitted and which ${end}`,
    ]);
  });

  it('through a chain that is too long to be told', async () => {
    const bench = await crew(20);
    const { manager, told } = bench;
    const nest = (depth: number): Promise<unknown> =>
      manager.queueTask(() => (depth === 0 ? manager.stop() : nest(depth - 1)));
    watch(nest(19));
    await finish(bench);
    expect(told).toHaveLength(20);
    expect(told.every((line) => line.includes('!'))).toBe(true);
    expect(told[0]).toMatch(/^1!: .*task 9, .* and which waits for others in turn$/);
    expect(told[18]).toMatch(/^19!: it waits for task 20, .* and which has called stop\(\), which waits for that one$/);
  });

  it('as a runTask whose nested runTask finds no resource', async () => {
    const bench = await crew(1, { resourcePoolSize: 1, maxTemporaryResources: 1 });
    const { manager, told } = bench;
    const nest = (depth: number): Promise<number> => manager.runTask(() => (depth === 0 ? 1 : nest(depth - 1)));
    watch(nest(2));
    await finish(bench);
    expect(told[1]).toBe(
      '2!: it waits for task 3, which it has submitted and which waits for a resource of runTask: all 2 are taken, ' +
        'by tasks that wait themselves',
    );
  });

  it('through another manager, and without the async context of submitters', async () => {
    const bench = await crew(1, { asyncContext: false });
    const other = await crew(1);
    const { manager, told } = bench;
    watch(manager.queueTask(() => other.manager.queueTask(() => manager.queueTask(() => 1))));
    await other.clock.advance(0);
    await finish(bench);
    await finish(other);
    expect(told[0]).toMatch(/^1!: it waits for task 2, which it has submitted and which waits for a worker/);
  });

  it('where maxResources leaves no room for another worker or temporary resource', async () => {
    const bench = await crew(1, { maxWorkerCount: 2, maxResources: 2, resourcePoolSize: 1 });
    const { manager, told } = bench;
    watch(manager.queueTask(() => manager.queueTask(() => 1)));
    watch(manager.runTask(() => manager.runTask(() => 1)));
    await finish(bench);
    expect(told.toSorted().map((line) => line.slice(0, 3))).toEqual(['1!:', '2!:']);
  });

  it('with several tasks per worker', async () => {
    const bench = await crew(2, { tasksPerWorker: 2 });
    const { manager, told } = bench;
    for (let i = 0; i < 4; i++) watch(manager.queueTask(() => manager.queueTask(() => 1)));
    await finish(bench);
    expect(told).toHaveLength(4);
    for (const line of told) expect(line).toMatch(/^\d!: .* waits for a worker: all 4 places of 2 are taken/);
  });
});

describe('no false alarm of a deadlock', () => {
  it('for a nested task that waits only because of load: another worker will be free', async () => {
    const bench = await crew(2);
    const { manager, told } = bench;
    watch(manager.queueTask((resource) => resource.work(300), { name: 'slow' }));
    const nested = watch(manager.queueTask(() => manager.queueTask(() => 1), { name: 'import' }));
    await bench.clock.advance(500);
    expect(told.toSorted()).toEqual([
      'import: it waits for task 3, which it has submitted and which is queued',
      'slow: ?',
    ]);
    expect(nested.value).toBe(1);
    await finish(bench);
  });

  it('for a nested task that runs', async () => {
    const bench = await crew(2);
    const { manager, told } = bench;
    watch(manager.queueTask(() => manager.queueTask((resource) => resource.work(300), { name: 'row' })));
    await finish(bench);
    expect(told).toEqual(['1: it waits for task 2 "row", which it has submitted and which runs', 'row: ?']);
  });

  it('for one whose key is at its cap because of others', async () => {
    const bench = await crew(3, { keyConcurrency: 1 });
    const { manager, told } = bench;
    watch(manager.queueTask((resource) => resource.work(300), { key: 'db', name: 'slow' }));
    watch(manager.queueTask(() => manager.queueTask(() => 1, { key: 'db' }), { name: 'import' }));
    await finish(bench);
    expect(told.toSorted()).toEqual([
      'import: it waits for task 3, which it has submitted and which waits for its key "db", at its cap of 1',
      'slow: ?',
    ]);
  });

  it('for one whose key is held by the lease of a task that goes on', async () => {
    const bench = await crew(4, { keyConcurrency: 1 });
    const { manager, told } = bench;
    const hold = async (resource: FakeResource): Promise<void> => {
      await using lease = await manager.lease({ key: 'db' });
      await lease.resource.use();
      await resource.work(300);
    };
    watch(manager.queueTask(hold, { name: 'holder' }));
    await bench.clock.advance(10);
    watch(manager.queueTask(() => manager.queueTask(() => 1, { key: 'db' }), { name: 'capped' }));
    await bench.clock.advance(200);
    expect(told.filter((line) => line.includes('!'))).toEqual([]);
    expect(told).toContain(
      'capped: it waits for task 4, which it has submitted and which waits for its key "db", at its cap of 1',
    );
    await finish(bench);
  });

  it('while another place of the same worker will be free', async () => {
    const bench = await crew(1, { tasksPerWorker: 2, fakes: { places: 2 } });
    const { manager, told } = bench;
    watch(manager.queueTask((resource) => resource.work(300), { name: 'slow' }));
    watch(manager.queueTask(() => manager.queueTask(() => 1, { key: 'below its cap' }), { name: 'import' }));
    await finish(bench);
    expect(told.toSorted()).toEqual([
      'import: it waits for task 3, which it has submitted and which is queued',
      'slow: ?',
    ]);
  });

  it('while there may be more workers, or while the manager is paused', async () => {
    const bench = await crew(1, { maxWorkerCount: 2, fakes: { hangCreate: (n) => n > 1 } });
    watch(bench.manager.queueTask(() => bench.manager.queueTask(() => 1)));
    const paused = await crew(1);
    watch(
      paused.manager.queueTask(() => {
        paused.manager.pause();
        return paused.manager.queueTask(() => 1);
      }),
    );
    await bench.clock.advance(100);
    await paused.clock.advance(100);
    const line = '1: it waits for task 2, which it has submitted and which is queued';
    expect([bench.told, paused.told]).toEqual([[line], [line]]);
    await finish(bench);
    await finish(paused);
  });

  it('while a worker without a task is being validated', async () => {
    for (const warm of [false, true]) {
      const config = { validateAfter: 10, validate: (resource: FakeResource) => resource.work(200).then(() => true) };
      const bench = await crew(2, config);
      const { clock, manager, told } = bench;
      if (warm) await Promise.all([1, 2].map(() => manager.queueTask(() => 1)));
      const outer = watch(
        manager.queueTask(async (resource) => {
          await resource.work(20);
          return manager.queueTask(() => 'inner');
        }),
      );
      await clock.advance(500);
      expect([told.map((line) => /^[^:]*/.exec(line)?.[0]), outer.value]).toEqual([[warm ? '3' : '1'], 'inner']);
      await finish(bench);
    }
  });

  it('for a runTask while a temporary or pooled resource is being destroyed, whose place the next one takes', async () => {
    for (const config of [{ maxTemporaryResources: 2 }, { resourcePoolSize: 2, maxTemporaryResources: 0 }]) {
      const bench = await crew(1, { ...config, fakes: { destroyDelay: 300 } });
      const { clock, manager, told } = bench;
      const outer = watch(
        manager.runTask(async (resource) => {
          await resource.work(20);
          return manager.runTask(() => 'inner');
        }),
      );
      watch(
        manager.runTask(async (resource, { invalidate }) => {
          await resource.work(10);
          invalidate();
        }),
      );
      await clock.advance(500);
      expect([told, outer.value]).toEqual([
        ['1: it waits for task 3, which it has submitted and which is queued'],
        'inner',
      ]);
      await finish(bench);
    }
  });

  it('for a recycle() called on a temporary resource, which is not recycled', async () => {
    const bench = await crew(1);
    const { manager, told } = bench;
    watch(
      manager.runTask(async (resource) => {
        watch(manager.recycle());
        watch(manager.runTask((other) => other.work(10)));
        await resource.work(150);
      }),
    );
    watch(manager.queueTask((resource) => resource.work(300), { name: 'slow' }));
    await finish(bench);
    expect(told.toSorted()).toEqual(['1: ?', 'slow: ?']);
  });

  it('for a lease held outside of tasks, which may be released', async () => {
    const bench = await crew(2);
    const { manager, told } = bench;
    const lease = await manager.lease();
    watch(manager.queueTask(() => manager.queueTask(() => 1)));
    await bench.clock.advance(200);
    expect(told.toSorted()).toEqual(['1: ?', '2: it waits for task 3, which it has submitted and which is queued']);
    await lease.release();
    await finish(bench);
  });

  it('for what has ended, was got, or was asked for by an earlier run or after the end', async () => {
    const bench = await crew(2, { checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }) });
    const { manager, clock, told } = bench;
    const again = async (resource: FakeResource, { attempt }: TaskContext): Promise<void> => {
      if (attempt > 1) return resource.work(150);
      watch(manager.queueTask((own) => own.work(250), { name: 'left over' }));
      throw new Error('again');
    };
    watch(manager.queueTask(again, { name: 'run again' }));
    await clock.advance(500);
    const content = async (resource: FakeResource): Promise<void> => {
      await manager.queueTask(() => 1);
      await using lease = await manager.lease();
      await lease.resource.work(10);
      await resource.work(150);
    };
    watch(manager.queueTask(content, { name: 'content' }));
    await clock.advance(500);
    const early = (): void => void clock.setTimeout(() => watch(manager.onIdle()), 1);
    watch(manager.queueTask(early, { name: 'over' }));
    watch(manager.queueTask((resource) => resource.work(150), { name: 'busy' }));
    await clock.advance(500);
    expect(told.toSorted()).toEqual(['5: ?', 'busy: ?', 'content: ?', 'left over: ?', 'run again: ?']);
    await finish(bench);
  });
});

describe('what a task waits for', () => {
  it('is not known without an AsyncLocalStorage', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue({});
    const bench = await crew(1);
    watch(bench.manager.queueTask(() => bench.manager.queueTask(() => 1)));
    await finish(bench);
    expect(bench.told).toEqual(['1: ?']);
  });

  it('is not looked for without stuckAfter', async () => {
    const get = vi.spyOn(process, 'getBuiltinModule');
    await start();
    expect(get).not.toHaveBeenCalled();
  });
});
