import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { TaskManager, TaskOptions } from '../../src/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { SICK } from '../support/failures.ts';
import { harness, start, startBusy, watch } from '../support/harness.ts';

/** Submits tasks that write their name down when they start, and work for `ms`. */
function logging(manager: TaskManager<FakeResource>, log: string[], ms = 1) {
  return (name: string, options: TaskOptions = {}) =>
    watch(
      manager.queueTask(
        (resource) => {
          log.push(name);
          return resource.work(ms);
        },
        { name, ...options },
      ),
    );
}

describe('keys of one priority', () => {
  it('take turns; tasks of one key, and all without a key, are first in first out', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const submit = logging(manager, log);
    for (const name of ['a1', 'a2', 'a3']) submit(name, { key: 'a' });
    for (const name of ['n1', 'n2']) submit(name);
    for (const name of ['b1', 'b2', 'b3', 'b4']) submit(name, { key: 'b' });
    await clock.advance(100);
    expect(log).toEqual(['a1', 'n1', 'b1', 'a2', 'n2', 'b2', 'a3', 'b3', 'b4']);
  });

  it('a thousand tasks of one key do not keep a late one of another waiting', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const submit = logging(manager, log);
    for (let i = 0; i < 1_000; i++) submit(`a${i}`, { key: 'a' });
    await clock.advance(10);
    const before = log.length;
    submit('b', { key: 'b' });
    await clock.advance(5);
    expect(log.indexOf('b') - before).toBeLessThanOrEqual(1);
    await clock.advance(2_000);
    expect(log.filter((name) => name !== 'b')).toEqual(Array.from({ length: 1_000 }, (_, i) => `a${i}`));
  });

  it('a key does not gain a turn by submitting its tasks one at a time', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const submit = logging(manager, log);
    for (let i = 0; i < 6; i++) submit(`a${i}`, { key: 'a' });
    const again = (i: number): void => {
      watch(
        manager.queueTask(
          (resource) => {
            log.push(`b${i}`);
            if (i < 5) again(i + 1);
            return resource.work(1);
          },
          { key: 'b' },
        ),
      );
    };
    again(0);
    await clock.advance(100);
    expect(log).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a4', 'b4', 'a5', 'b5']);
  });

  it('take turns within each priority, never against it', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const submit = logging(manager, log);
    for (const name of ['a1', 'a2']) submit(name, { key: 'a' });
    submit('b1', { key: 'b' });
    for (const name of ['A1', 'A2', 'A3']) submit(name, { key: 'a', priority: 1 });
    submit('B1', { key: 'b', priority: 1 });
    await clock.advance(100);
    expect(log).toEqual(['A1', 'B1', 'A2', 'A3', 'a1', 'b1', 'a2']);
  });

  it('an aborted task takes no turn', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const log: string[] = [];
    const submit = logging(manager, log);
    const controller = new AbortController();
    submit('running');
    await clock.advance(0);
    for (const name of ['a1', 'a2']) submit(name, { key: 'a', signal: controller.signal });
    for (const name of ['b1', 'b2']) submit(name, { key: 'b' });
    submit('c1', { key: 'c' });
    controller.abort();
    submit('a3', { key: 'a' });
    await clock.advance(100);
    expect(log.toSorted()).toEqual(['a3', 'b1', 'b2', 'c1', 'running']);
    expect(log.filter((name) => /[bc]/.test(name))).toEqual(['b1', 'c1', 'b2']);
    expect(log.indexOf('a3')).toBeLessThan(log.indexOf('b2'));
  });
});

describe('keyConcurrency', () => {
  it('holds at most so many tasks of a key running; the others run beside them', async () => {
    const { manager, clock } = await start({ workerCount: 4, maxWorkerCount: 4, keyConcurrency: 2 });
    const log: string[] = [];
    const running = new Map<string, number>();
    let most = 0;
    const submit = (name: string, key: string | undefined) =>
      watch(
        manager.queueTask(
          async (resource) => {
            log.push(name);
            const id = key ?? '';
            running.set(id, (running.get(id) ?? 0) + 1);
            if (key !== undefined) most = Math.max(most, running.get(id) ?? 0);
            await resource.work(10);
            running.set(id, (running.get(id) ?? 0) - 1);
          },
          key === undefined ? {} : { key },
        ),
      );
    for (let i = 0; i < 6; i++) submit(`a${i}`, 'a');
    for (let i = 0; i < 3; i++) submit(`n${i}`, undefined);
    await clock.advance(5);
    expect(log.toSorted()).toEqual(['a0', 'a1', 'n0', 'n1']);
    await clock.advance(100);
    expect([log.length, most]).toEqual([9, 2]);
  });

  it('does not bound the tasks without a key', async () => {
    const { manager, clock } = await start({ workerCount: 4, maxWorkerCount: 4, keyConcurrency: 1 });
    for (let i = 0; i < 4; i++) watch(manager.queueTask((resource) => resource.work(10)));
    await clock.advance(0);
    expect(manager.stats().runningTasks).toBe(4);
  });

  it('passes over a key at its cap, of whatever priority, and blocks nobody behind it', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, keyConcurrency: 1 });
    const log: string[] = [];
    const submit = logging(manager, log, 10);
    submit('a1', { key: 'a', priority: 9 });
    submit('a2', { key: 'a', priority: 9 });
    submit('a3', { key: 'a', priority: 5 });
    submit('b1', { key: 'b', priority: 5 });
    submit('n1', { priority: -1 });
    await clock.advance(0);
    expect(log).toEqual(['a1', 'b1']);
    await clock.advance(10);
    expect(log).toEqual(['a1', 'b1', 'a2', 'n1']);
    await clock.advance(10);
    expect(log.at(-1)).toBe('a3');
  });

  it('starts no worker for a key at its cap', async () => {
    const { manager, clock, fakes } = await start({ maxWorkerCount: 8, keyConcurrency: 1, targetWait: 0 });
    for (let i = 0; i < 20; i++) watch(manager.queueTask((resource) => resource.work(100), { key: 'a' }));
    await clock.advance(1_000);
    expect([fakes.created, manager.stats().runningTasks]).toEqual([1, 1]);
    watch(manager.queueTask((resource) => resource.work(100), { key: 'b' }));
    await clock.advance(200);
    expect(fakes.created).toBe(2);
    await clock.advance(5_000);
  });

  it('is reached by the priorities together', async () => {
    const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3, keyConcurrency: 1 });
    const log: string[] = [];
    const submit = logging(manager, log, 10);
    submit('low', { key: 'a' });
    await clock.advance(1);
    submit('high', { key: 'a', priority: 1 });
    await clock.advance(5);
    expect(log).toEqual(['low']);
    await clock.advance(10);
    expect(log).toEqual(['low', 'high']);
  });

  it('the tasks of other priorities start in their turn although the last of one has been cancelled', async () => {
    const { manager, clock } = await start({ workerCount: 2, scaling: 'off', keyConcurrency: 1 });
    const log: string[] = [];
    const submit = logging(manager, log, 10);
    const controller = new AbortController();
    submit('running', { key: 'a' });
    await clock.advance(0);
    submit('high', { key: 'a', priority: 1, signal: controller.signal });
    submit('main', { key: 'a' });
    submit('low', { key: 'a', priority: -1 });
    submit('free', { priority: -2 });
    await clock.advance(0);
    expect(log).toEqual(['running', 'free']);
    controller.abort();
    await clock.advance(100);
    expect(log).toEqual(['running', 'free', 'main', 'low']);
  });

  it('counts quarantined functions', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, keyConcurrency: 1 });
    const log: string[] = [];
    const submit = logging(manager, log, 10);
    const first = submit('first', { key: 'a', timeout: 2 });
    const second = submit('second', { key: 'a' });
    await clock.advance(5);
    expect([isTaskerError(first.error, 'TIMEOUT'), second.state, log]).toEqual([true, 'pending', ['first']]);
    await clock.advance(5);
    expect(log).toEqual(['first', 'second']);
    await clock.advance(10);
  });

  it('counts an abandoned function no more: its resource is gone', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, keyConcurrency: 1, abandonAfter: 50 });
    const log: string[] = [];
    watch(manager.queueTask(() => new Promise(() => {}), { key: 'a', timeout: 10 }));
    logging(manager, log)('second', { key: 'a' });
    await clock.advance(59);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['second']);
  });

  it('counts leases until their release', async () => {
    const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3, keyConcurrency: 1 });
    const lease = await manager.lease({ key: 'a' });
    const log: string[] = [];
    const submit = logging(manager, log);
    submit('a1', { key: 'a' });
    submit('b1', { key: 'b' });
    const waiting = watch(manager.lease({ key: 'a' }));
    await clock.advance(10);
    expect(log).toEqual(['b1']);
    await lease.release();
    await clock.advance(0);
    expect([log, waiting.state]).toEqual([['b1', 'a1'], 'pending']);
    await clock.advance(1);
    expect(waiting.state).toBe('fulfilled');
    await waiting.value?.release();
  });

  it('lets the next task of the key start as soon as the last has ended, on whichever worker is idle', async () => {
    const { manager, clock } = await start({
      fakes: { destroyDelay: 1_000, createDelay: (n) => (n > 2 ? 1_000 : 0) },
      workerCount: 2,
      maxWorkerCount: 2,
      keyConcurrency: 1,
    });
    const log: string[] = [];
    watch(
      manager.queueTask(
        (resource, context) => {
          context.invalidate();
          return resource.work(10);
        },
        { key: 'a' },
      ),
    );
    logging(manager, log)('second', { key: 'a' });
    await clock.advance(9);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['second']);
  });

  it('does not wait for the reset of the resource that the last task had', async () => {
    const { clock, manage } = harness();
    const manager = await manage({
      workerCount: 2,
      maxWorkerCount: 2,
      keyConcurrency: 1,
      onRelease: () => new Promise<void>((resolve) => void clock.setTimeout(resolve, 100)),
    });
    const log: string[] = [];
    const submit = logging(manager, log, 10);
    submit('first', { key: 'a' });
    submit('second', { key: 'a' });
    await clock.advance(10);
    expect(log).toEqual(['first', 'second']);
    await clock.advance(1_000);
  });

  it('holds for retries, which do not hold it while they wait for their backoff', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 2,
      keyConcurrency: 1,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 20 }),
    });
    const log: string[] = [];
    watch(
      manager.queueTask(
        (_, { attempt }) => {
          log.push(`retried ${attempt}`);
          if (attempt === 1) throw SICK;
        },
        { key: 'a' },
      ),
    );
    const submit = logging(manager, log, 15);
    submit('a1', { key: 'a' });
    submit('a2', { key: 'a' });
    await clock.advance(0);
    expect(log).toEqual(['retried 1', 'a1']);
    await clock.advance(15);
    expect(log).toEqual(['retried 1', 'a1', 'a2']);
    await clock.advance(14);
    expect(log).toEqual(['retried 1', 'a1', 'a2']); // the retry is ready since 20
    await clock.advance(1);
    expect(log).toEqual(['retried 1', 'a1', 'a2', 'retried 2']);
  });

  it('a retry whose key is at its cap blocks no fresh task of another key', async () => {
    const { manager, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 2,
      keyConcurrency: 1,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 1 }),
    });
    const log: string[] = [];
    const gate = deferred<void>();
    watch(
      manager.queueTask(
        (_, { attempt }) => {
          log.push(`retried ${attempt}`);
          if (attempt === 1) throw SICK;
        },
        { key: 'a' },
      ),
    );
    watch(
      manager.queueTask(
        () => {
          log.push('long');
          return gate.promise;
        },
        { key: 'a' },
      ),
    );
    await clock.advance(5);
    logging(manager, log)('b', { key: 'b' });
    logging(manager, log)('n');
    await clock.advance(5);
    expect(log).toEqual(['retried 1', 'long', 'b', 'n']);
    gate.resolve();
    await clock.advance(0);
    expect(log.at(-1)).toBe('retried 2');
  });

  it('does not hold runTask, which ignores the key', async () => {
    const { manager, clock } = await start({ keyConcurrency: 1, resourcePoolSize: 2 });
    watch(manager.queueTask((resource) => resource.work(10), { key: 'a' }));
    const all = [1, 2, 3].map((value) => watch(manager.runTask(() => value, { key: 'a' })));
    await clock.advance(0);
    expect(all.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('shows in inspect() what waits and runs of each key', async () => {
    const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3, keyConcurrency: 1 });
    for (const key of ['a', 'a', 'a', 'b']) watch(manager.queueTask((resource) => resource.work(10), { key }));
    await clock.advance(0);
    const keys = manager.inspect().keys.toSorted((a, b) => a.key.localeCompare(b.key));
    expect(keys).toEqual([
      { key: 'a', waiting: 2, running: 1 },
      { key: 'b', waiting: 0, running: 1 },
    ]);
    await clock.advance(100);
    expect(manager.inspect().keys).toEqual([]);
  });
});

/** A manager whose one worker is busy until 60, and which has used two priorities, that one first. */
async function busy(first: number) {
  const retry = { resource: 'keep', task: 'retry', after: 0 } as const;
  const { manager, clock } = await start({ scaling: 'off', aging: 100, checkHealth: () => retry });
  const log: string[] = [];
  const submit = logging(manager, log, 40);
  for (const priority of [first, 3 - first]) watch(manager.queueTask(() => {}, { priority }));
  await clock.advance(0);
  watch(manager.queueTask((resource) => resource.work(60)));
  await clock.advance(0);
  return { clock, manager, log, submit };
}

describe('aging', () => {
  it('counts a task one priority higher after each `aging` ms of waiting', async () => {
    const { manager, clock, open } = await startBusy({ aging: 100 });
    const log: string[] = [];
    const submit = logging(manager, log);
    submit('old 0');
    await clock.advance(250);
    submit('new 1', { priority: 1 });
    submit('new 3', { priority: 3 });
    submit('new 0');
    open();
    await clock.advance(50);
    expect(log).toEqual(['new 3', 'old 0', 'new 1', 'new 0']);
  });

  it('between equals the one submitted first goes first', async () => {
    const { manager, clock, open } = await startBusy({ aging: 100 });
    const log: string[] = [];
    const submit = logging(manager, log);
    submit('old 0');
    await clock.advance(200);
    submit('new 2', { priority: 2 });
    open();
    await clock.advance(50);
    expect(log).toEqual(['old 0', 'new 2']);
  });

  for (const first of [1, 2]) {
    describe(`between equals of two priorities, where ${first} was used first,`, () => {
      it('the one submitted first goes first', async () => {
        const { clock, log, submit } = await busy(first);
        submit('running', { priority: 3 });
        submit('old 1', { priority: 1 });
        await clock.advance(50);
        submit('new 2', { priority: 2 });
        await clock.advance(200); // at 100, when the running one ends, both count as 2
        expect(log).toEqual(['running', 'old 1', 'new 2']);
      });

      it('a retry goes before a fresh one that was submitted first', async () => {
        const { clock, manager, log, submit } = await busy(first);
        submit('old 1', { priority: 1 });
        await clock.advance(50);
        const failing = manager.queueTask(
          async (resource, { attempt }) => {
            log.push(`run ${attempt}`);
            await resource.work(40);
            if (attempt === 1) throw SICK;
          },
          { priority: 2 },
        );
        watch(failing);
        await clock.advance(200); // at 100, when it has failed, both count as 2
        expect(log).toEqual(['run 1', 'run 2', 'old 1']);
      });
    });
  }

  it('between keys of one priority the head that has waited a step longer goes first, whoever has the turn', async () => {
    const { manager, clock } = await start({ scaling: 'off', aging: 100 });
    const log: string[] = [];
    const submit = logging(manager, log);
    watch(manager.queueTask((resource) => resource.work(160)));
    await clock.advance(0);
    submit('a1', { key: 'a' });
    for (const name of ['b1', 'b2']) submit(name, { key: 'b' });
    await clock.advance(150);
    submit('a2', { key: 'a' });
    await clock.advance(50);
    expect(log).toEqual(['a1', 'b1', 'b2', 'a2']);
  });

  it('lets a low priority start under a stream of higher ones', async () => {
    const { manager, clock } = await start({ scaling: 'off', aging: 10 });
    let started = -1;
    let left = 100;
    const again = (): void => {
      watch(
        manager.queueTask(
          (resource) => {
            if (left-- > 0) again();
            return resource.work(5);
          },
          { priority: 3 },
        ),
      );
    };
    again();
    again();
    watch(
      manager.queueTask(() => {
        started = clock.now();
      }),
    );
    await clock.advance(1_000);
    expect(started).toBeGreaterThanOrEqual(30);
    expect(started).toBeLessThan(60);
  });

  it('is off by default: however long it waits, a lower priority stays lower', async () => {
    const { manager, clock, open } = await startBusy();
    const log: string[] = [];
    const submit = logging(manager, log);
    submit('old 0');
    await clock.advance(1_000_000);
    submit('new 0.001', { priority: 0.001 });
    open();
    await clock.advance(50);
    expect(log).toEqual(['new 0.001', 'old 0']);
  });

  it('leaves turns, caps and retries as they are', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      aging: 1_000,
      keyConcurrency: 1,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
    });
    const log: string[] = [];
    const submit = logging(manager, log);
    for (const name of ['a1', 'a2', 'a3']) submit(name, { key: 'a' });
    watch(
      manager.queueTask((_, { attempt }) => {
        log.push(`n${attempt}`);
        if (attempt === 1) throw SICK;
      }),
    );
    for (const name of ['b1', 'b2']) submit(name, { key: 'b' });
    await clock.advance(100);
    expect(log).toEqual(['a1', 'n1', 'n2', 'b1', 'a2', 'b2', 'a3']);
  });

  it('does not change what `priority` shows, nor which queue a task counts in', async () => {
    const { manager, clock, open } = await startBusy({ aging: 1 });
    const handle = manager.submit(() => {});
    await clock.advance(100);
    expect([handle.priority, manager.stats().queuedTasks, manager.stats().priorityTasks]).toEqual([0, 1, 0]);
    open();
    await handle.result;
  });
});
