import { describe, expect, it, vi } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import type { MapOutcome, SettledMapOptions } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import { harness, start, watch } from '../support/harness.ts';

/** A source that writes down what is asked of it; `async`: its `next()` takes a promise. */
function source(count: number, log: string[], isAsync: boolean, failAt = Infinity) {
  let i = 0;
  const next = (): IteratorResult<number> => {
    if (i === failAt) {
      log.push('throw');
      throw new Error('source failed');
    }
    if (i === count) {
      log.push('end');
      return { done: true, value: undefined };
    }
    log.push(`pull ${i}`);
    return { done: false, value: i++ };
  };
  const end = (): IteratorResult<number> => {
    log.push('return');
    return { done: true, value: undefined };
  };
  if (!isAsync) return { [Symbol.iterator]: () => ({ next, return: end }) };
  return { [Symbol.asyncIterator]: () => ({ next: async () => next(), return: async () => end() }) };
}

const one = (): number => 1;

async function collect<T>(items: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const item of items) into.push(item);
  return into;
}

for (const isAsync of [false, true]) {
  describe(`map over ${isAsync ? 'an async' : 'a sync'} iterable`, () => {
    it('yields the results in the order of the items', async () => {
      const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3 });
      const log: string[] = [];
      const all = watch(
        collect(
          manager.map(source(6, log, isAsync), async (item, resource) => {
            await resource.work(60 - item * 10);
            return item * 2;
          }),
        ),
      );
      await clock.advance(1_000);
      expect([all.value, log.filter((entry) => entry === 'return').length]).toEqual([[0, 2, 4, 6, 8, 10], 0]);
    });

    it('unordered yields them as they are completed', async () => {
      const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3 });
      const mapped = manager.map(
        source(3, [], isAsync),
        async (item, resource) => (await resource.work(60 - item * 20), item),
        { ordered: false },
      );
      const all = watch(collect(mapped));
      await clock.advance(1_000);
      expect(all.value).toEqual([2, 1, 0]);
    });

    it('an error surfaces at its turn, cancels the rest and calls return() once', async () => {
      const { manager, clock } = await start({ workerCount: 4, maxWorkerCount: 4 });
      const log: string[] = [];
      const seen: number[] = [];
      const aborted: number[] = [];
      const own = new Error('own');
      const mapped = manager.map(source(100, log, isAsync), async (item, resource, { signal }) => {
        signal.addEventListener('abort', () => aborted.push(item));
        if (item === 1) throw own;
        await resource.work(item === 0 ? 50 : 500);
        return item;
      });
      const all = watch(collect(mapped, seen));
      await clock.advance(49);
      expect([all.state, seen]).toEqual(['pending', []]);
      await clock.advance(1);
      expect([all.error, seen]).toEqual([own, [0]]);
      expect(new Set(aborted)).toEqual(new Set([2, 3]));
      expect(log.filter((entry) => entry === 'return')).toEqual(['return']);
      expect(manager.stats().queuedTasks).toBe(0);
      await clock.advance(1_000);
      expect(log.at(-1)).toBe('return');
    });

    it('unordered an error surfaces at once', async () => {
      const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
      const log: string[] = [];
      const mapped = manager.map(
        source(100, log, isAsync),
        async (item, resource) => {
          if (item === 1) throw new Error('own');
          await resource.work(100);
        },
        { ordered: false },
      );
      const all = watch(collect(mapped));
      await clock.advance(1);
      expect([all.state, log.filter((entry) => entry === 'return').length]).toEqual(['rejected', 1]);
      await clock.advance(1_000);
    });

    it('an error of the source surfaces after the results before it; return() is not called', async () => {
      const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
      const log: string[] = [];
      const seen: number[] = [];
      const mapped = manager.map(source(9, log, isAsync, 3), async (item, resource) => (await resource.work(10), item));
      const all = watch(collect(mapped, seen));
      await clock.advance(1_000);
      expect([all.error, seen, log.at(-1)]).toEqual([new Error('source failed'), [0, 1, 2], 'throw']);
    });

    it('a consumer that breaks cancels the rest and calls return() once', async () => {
      const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
      const log: string[] = [];
      const consume = async (): Promise<void> => {
        for await (const item of manager.map(source(100, log, isAsync), async (value, resource) => {
          await resource.work(10);
          return value;
        })) {
          if (item === 3) break;
        }
      };
      const consumed = watch(consume());
      await clock.advance(1_000);
      expect([consumed.state, log.filter((entry) => entry === 'return').length]).toEqual(['fulfilled', 1]);
      expect(manager.stats()).toMatchObject({ queuedTasks: 0, runningTasks: 0 });
      expect(log.filter((entry) => entry.startsWith('pull')).length).toBeLessThanOrEqual(6);
    });

    it('pulls at most `concurrency` items that are not yet yielded', async () => {
      const { manager, clock } = await start({ workerCount: 4, maxWorkerCount: 4 });
      const log: string[] = [];
      const pulled = (): number => log.filter((entry) => entry.startsWith('pull')).length;
      const mapped = manager.map(source(20, log, isAsync), (item) => item, { concurrency: 3 });
      expect(log).toEqual([]);
      let yielded = 0;
      for await (const item of mapped) {
        expect(item).toBe(yielded++);
        await clock.advance(10);
        expect(pulled() - yielded).toBeLessThanOrEqual(3);
      }
      expect(yielded).toBe(20);
    });
  });
}

describe('map', () => {
  it('has maxWorkerCount × tasksPerWorker items under way unless told otherwise', async () => {
    const { manager, clock } = await start({
      fakes: { places: 2 },
      workerCount: 1,
      maxWorkerCount: 3,
      tasksPerWorker: 2,
    });
    const log: string[] = [];
    const next = watch(manager.map(source(50, log, false), () => new Promise(() => {})).next());
    await clock.advance(1_000);
    expect([next.state, log.length]).toEqual(['pending', 6]);
    watch(manager.kill());
    await clock.advance(0);
    expect(isTaskerError(next.error, 'KILLED')).toBe(true);
    expect(log.filter((entry) => entry === 'return')).toEqual(['return']);
  });

  it('keeps to `concurrency` while it waits for room in the queue, too', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2, maxQueueSize: 0 });
    const log: string[] = [];
    const gate = deferred<void>();
    watch(manager.queueTask(() => gate.promise));
    const mapped = manager.map(source(50, log, false), async (item, resource) => (await resource.work(10), item), {
      concurrency: 3,
      ordered: false,
    });
    const seen: number[] = [];
    const all = watch(collect(mapped, seen));
    for (let i = 0; i < 20; i++) {
      await clock.advance(5);
      expect(log.filter((entry) => entry.startsWith('pull')).length - seen.length).toBeLessThanOrEqual(3);
    }
    gate.resolve();
    await clock.advance(1_000);
    expect([all.state, seen.length]).toEqual(['fulfilled', 50]);
  });

  it('a slow source does not hold back finished results', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 1_000));
      yield 2;
    }
    const seen: number[] = [];
    const all = watch(
      collect(
        manager.map(slow(), async (item, resource) => (await resource.work(10), item)),
        seen,
      ),
    );
    await clock.advance(10);
    expect(seen).toEqual([1]);
    await clock.advance(2_000);
    expect(all.value).toEqual([1, 2]);
  });

  it('a consumer that leaves does not wait for a source that hangs', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
    let returned = 0;
    const hanging: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => {
        let i = 0;
        return {
          next: () => (i++ === 0 ? Promise.resolve({ done: false, value: 1 }) : new Promise(() => {})),
          return: () => {
            returned++;
            return new Promise(() => {});
          },
        };
      },
    };
    const consume = async (): Promise<void> => {
      for await (const item of manager.map(hanging, (value) => value)) if (item === 1) break;
    };
    const consumed = watch(consume());
    await clock.advance(10);
    expect([consumed.state, returned]).toEqual(['fulfilled', 1]);
  });

  it('a consumer that leaves waits until the source is closed', async () => {
    const { manager, clock } = await start();
    const log: string[] = [];
    async function* items(): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
      } finally {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, 10));
        log.push('closed');
      }
    }
    const consume = async (): Promise<void> => {
      for await (const item of manager.map(items(), (value) => value, { concurrency: 1 })) if (item === 1) break;
      log.push('left');
    };
    watch(consume());
    await clock.advance(20);
    expect(log).toEqual(['closed', 'left']);
  });

  it('whose source cannot be closed tells so who leaves by return(), not who leaves by throw()', async () => {
    const { manager, clock } = await start();
    const broken = new Error('cannot be closed');
    const begin = async () => {
      const items = { ...source(9, [], false)[Symbol.iterator]?.(), return: () => Promise.reject(broken) };
      const mapping = manager.map({ [Symbol.asyncIterator]: () => items as never }, one, { concurrency: 1 });
      watch(mapping.next());
      await clock.advance(0);
      return mapping;
    };
    const [left, thrown] = [await begin(), await begin()];
    const outcomes = [watch(Promise.resolve(left.return?.())), watch(Promise.resolve(thrown.throw?.('own')))];
    await clock.advance(0);
    expect(outcomes.map(({ error }) => error)).toEqual([broken, 'own']);
  });

  it('unordered pulls no more ahead than `concurrency` either, results that are not yielded included', async () => {
    const { manager, clock } = await start({ workerCount: 4 });
    const log: string[] = [];
    const mapping = manager.map(source(9, log, false), (item) => item, { concurrency: 2, ordered: false });
    for (const pulled of [2, 3, 4]) {
      const next = watch(mapping.next());
      await clock.advance(10);
      expect([next.state, log.length <= pulled]).toEqual(['fulfilled', true]);
    }
    await mapping.return?.();
  });

  it('answers all who ask as soon as the result is there that the others come after', async () => {
    const { manager, clock } = await start({ workerCount: 3 });
    const mapping = manager.map([30, 10, 20], async (ms, resource) => (await resource.work(ms), ms));
    const asked = [1, 2, 3].map(() => watch(mapping.next()));
    await clock.advance(29);
    expect(asked.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending']);
    await clock.advance(1);
    expect(asked.map(({ value }) => value?.value)).toEqual([30, 10, 20]);
    await mapping.return?.();
  });

  it('an item that is a promise and rejects surfaces at its turn; nothing more is pulled, and the source is closed', async () => {
    const { manager, clock } = await start({ workerCount: 4 });
    const log: string[] = [];
    function* items(): Generator<Promise<number>> {
      try {
        for (let i = 0; i < 9; i++) {
          log.push(`pull ${i}`);
          yield i === 1 ? Promise.reject(new Error('no item')) : Promise.resolve(i);
        }
      } finally {
        log.push('return');
      }
    }
    const seen: number[] = [];
    const all = watch(
      collect(
        manager.map(items(), async (item, resource) => (await resource.work(10), item)),
        seen,
      ),
    );
    await clock.advance(20);
    expect([seen, (all.error as Error).message]).toEqual([[0], 'no item']);
    expect(log).toEqual(['pull 0', 'pull 1', 'return']);
  });

  it('that waits for a source is told STOPPED once the manager has shut down, though the source hangs', async () => {
    const { manager, clock } = await start();
    const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const next = watch(manager.map(hanging, one).next());
    await clock.advance(0);
    watch(manager.stop());
    await clock.advance(0);
    expect(isTaskerError(next.error, 'STOPPED')).toBe(true);
  });

  it('gives each task the options, the item, its resource and a context', async () => {
    const { manager, clock } = await start();
    const seen: unknown[] = [];
    const mapped = manager.map(['x'], (item, resource, { name, attempt }) => [item, resource.id, name, attempt], {
      name: 'import',
      priority: 3,
    });
    manager.on('queued', ({ task }) => seen.push(task.name, task.priority));
    const all = watch(collect(mapped));
    await clock.advance(0);
    expect([all.value, seen]).toEqual([[['x', 1, 'import', 1]], ['import', 3]]);
  });

  it('awaits the promises of a sync source, and passes undefined on', async () => {
    const { manager, clock } = await start();
    const items = [Promise.resolve('a'), undefined, Promise.resolve('b')];
    const all = watch(collect(manager.map(items, (item) => item)));
    await clock.advance(0);
    expect(all.value).toEqual(['a', undefined, 'b']);
  });

  it('ends at once for an empty source, submitting nothing', async () => {
    const { manager, clock } = await start();
    const all = watch(collect(manager.map([], () => 1)));
    await clock.advance(0);
    expect([all.value, manager.metrics().totalTasksArrived]).toEqual([[], 0]);
  });

  it('rejects what is wrong with INVALID_CONFIG', async () => {
    const { manager, clock } = await start();
    const all = [
      watch(manager.map(5 as never, one).next()),
      watch(manager.map([1], 'no function' as never).next()),
      watch(manager.map([1], one, { concurrency: 0 }).next()),
      watch(manager.map([1], one, { concurrency: 1.5 }).next()),
      watch(manager.map([1], one, { order: true } as never).next()),
      watch(manager.map([1], one, { timeout: -1 }).next()),
      watch(manager.map([1], one, { settled: 1 } as never).next()),
    ];
    await clock.advance(0);
    expect(all.map(({ error }) => isTaskerError(error, 'INVALID_CONFIG'))).toEqual(all.map(() => true));
  });

  it('gives STOPPED while the manager stops', async () => {
    const { manager, clock } = await start();
    watch(manager.stop());
    const next = watch(manager.map([1], (item) => item).next());
    await clock.advance(0);
    expect(isTaskerError(next.error, 'STOPPED')).toBe(true);
  });

  it('a signal cancels the whole', async () => {
    const { manager, clock } = await start({ workerCount: 2, maxWorkerCount: 2 });
    const log: string[] = [];
    const controller = new AbortController();
    const all = watch(
      collect(manager.map(source(100, log, false), (_, resource) => resource.work(50), { signal: controller.signal })),
    );
    await clock.advance(120);
    controller.abort('enough');
    await clock.advance(0);
    expect([all.error, log.filter((entry) => entry === 'return').length]).toEqual(['enough', 1]);
    await clock.advance(100);
  });

  it('once it has ended holds nothing: its function is collected while the manager lives', async () => {
    const { manager } = await start();
    const mapped = async (end: 'all' | 'break' | 'throw'): Promise<WeakRef<object>> => {
      const fn = (item: number): number => {
        if (end === 'throw') throw new Error('thrown');
        return item;
      };
      await (async () => {
        for await (const _ of manager.map([1, 2], fn)) if (end === 'break') break;
      })().catch(() => {});
      return new WeakRef(fn);
    };
    const functions = [await mapped('all'), await mapped('break'), await mapped('throw')];
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      (globalThis.gc as () => void)(); // vitest.config.ts exposes it
    }
    expect(functions.filter((fn) => fn.deref() !== undefined)).toEqual([]);
  });

  it('several failing at once make no unhandled rejection', async () => {
    const { manager, clock } = await start({ workerCount: 4, maxWorkerCount: 4 });
    const all = watch(collect(manager.map([1, 2, 3, 4], (item) => Promise.reject(new Error(`own ${item}`)))));
    await clock.advance(10);
    expect(all.error).toEqual(new Error('own 1'));
  });
});

/** A source that gives `count` items and then hangs, or that hangs at once; it counts how often it is opened and closed. */
function hanging(count: number, isCloseHanging = false) {
  const counts = { opened: 0, pulled: 0, returned: 0 };
  const items: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => {
      counts.opened++;
      return {
        next: () =>
          counts.pulled++ < count ? Promise.resolve({ done: false, value: counts.pulled }) : new Promise(() => {}),
        return: () => {
          counts.returned++;
          return isCloseHanging ? new Promise(() => {}) : Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
  return { counts, items };
}

function leave<T>(mapped: AsyncIterableIterator<T>): Promise<IteratorResult<T>> {
  return mapped.return?.() ?? Promise.reject(new Error('it cannot be left'));
}

describe('an abort of `signal` ends map at once', () => {
  it.each([false, true])('while it waits for its source, whose return() hangs: %s', async (isCloseHanging) => {
    const { manager, clock } = await start();
    const { items, counts } = hanging(0, isCloseHanging);
    const controller = new AbortController();
    const mapped = manager.map(items, one, { signal: controller.signal });
    const next = watch(mapped.next());
    const another = watch(mapped.next());
    await clock.advance(10);
    controller.abort('enough');
    await clock.advance(0);
    expect([next.error, another.value, counts]).toEqual([
      'enough',
      { done: true, value: undefined },
      { opened: 1, pulled: 1, returned: 1 },
    ]);
    expect(await mapped.next()).toEqual({ done: true, value: undefined });
    expect(await leave(mapped)).toEqual({ done: true, value: undefined });
    expect(counts.returned).toBe(1);
  });

  it('while it waits for room; what it has pulled runs no more, and others get the room', async () => {
    const { manager, clock } = await start({ workerCount: 1, maxWorkerCount: 1, maxQueueSize: 0 });
    const busy = watch(manager.queueTask((resource) => resource.work(100)));
    const { items, counts } = hanging(9);
    const log: string[] = [];
    const controller = new AbortController();
    const next = watch(manager.map(items, () => log.push('mapped'), { signal: controller.signal }).next());
    const other = watch(collect(manager.map([1], () => log.push('other'))));
    await clock.advance(10);
    controller.abort('enough');
    await clock.advance(0);
    expect([next.error, counts]).toEqual(['enough', { opened: 1, pulled: 1, returned: 1 }]);
    await clock.advance(200);
    expect([busy.state, other.state, log]).toEqual(['fulfilled', 'fulfilled', ['other']]);
  });

  it('while it waits for a result, although the function does not listen', async () => {
    const { manager, clock } = await start();
    const { items, counts } = hanging(9);
    const controller = new AbortController();
    const reasons: unknown[] = [];
    const mapped = manager.map(
      items,
      (_, resource, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        return resource.work(100);
      },
      { signal: controller.signal, concurrency: 1 },
    );
    const next = watch(mapped.next());
    await clock.advance(10);
    const reason = new Error('enough');
    controller.abort(reason);
    await clock.advance(0);
    expect([next.error, reasons, counts]).toEqual([reason, [reason], { opened: 1, pulled: 1, returned: 1 }]);
  });

  it('while nobody asks: the next who does is told, once, even if results are there', async () => {
    const { manager, clock } = await start({ workerCount: 3, maxWorkerCount: 3 });
    const controller = new AbortController();
    const log: string[] = [];
    const mapped = manager.map(source(9, log, true), (item) => item, { signal: controller.signal });
    const first = watch(mapped.next());
    await clock.advance(10);
    controller.abort('enough');
    await clock.advance(0);
    const [second, third] = [watch(mapped.next()), watch(mapped.next())];
    await clock.advance(0);
    expect([first.value, second.error, third.value]).toEqual([
      { done: false, value: 0 },
      'enough',
      { done: true, value: undefined },
    ]);
    expect(log.filter((entry) => entry === 'return')).toEqual(['return']);
  });

  it('before it begins: nothing is pulled, the source is not even opened', async () => {
    const { manager, clock } = await start();
    const { items, counts } = hanging(9);
    const late = new AbortController();
    const begunLate = manager.map(items, one, { signal: late.signal });
    late.abort('enough');
    const begun = [begunLate, manager.map(items, one, { signal: AbortSignal.abort('enough') })];
    const all = begun.map((mapped) => watch(mapped.next()));
    await clock.advance(0);
    expect([all.map(({ error }) => error), counts.opened]).toEqual([['enough', 'enough'], 0]);
  });

  it('by the source itself, while it is opened: it is closed again', async () => {
    const { manager, clock } = await start();
    const { items, counts } = hanging(9);
    const controller = new AbortController();
    const aborting: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => {
        controller.abort('enough');
        return items[Symbol.asyncIterator]();
      },
    };
    const next = watch(manager.map(aborting, one, { signal: controller.signal }).next());
    await clock.advance(0);
    expect([next.error, counts]).toEqual(['enough', { opened: 1, pulled: 0, returned: 1 }]);
  });

  it('and leaves no listener behind, however it ends', async () => {
    const { manager, clock } = await start();
    const controller = new AbortController();
    const { signal } = controller;
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const listeners = (): number => add.mock.calls.length - remove.mock.calls.length;
    const ends = [
      watch(collect(manager.map([1, 2, 3], one, { signal }))),
      watch(collect(manager.map([1], () => Promise.reject(new Error('own')), { signal }))),
      watch(leave(manager.map(hanging(0).items, one, { signal }))),
      watch(manager.map({ [Symbol.iterator]: () => null as never }, one, { signal }).next()),
    ];
    await clock.advance(10);
    expect([ends.map(({ state }) => state), listeners()]).toEqual([
      ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
      0,
    ]);
    const rest = watch(manager.map(hanging(0).items, one, { signal }).next());
    expect(listeners()).toBe(1);
    controller.abort();
    await clock.advance(0);
    expect([(rest.error as Error).name, listeners()]).toEqual(['AbortError', 0]);
  });
});

describe('leaving map', () => {
  it('return() does not wait for a pending next(), which it ends', async () => {
    const { manager, clock } = await start();
    const { items, counts } = hanging(0);
    const mapped = manager.map(items, one);
    const pending = [watch(mapped.next()), watch(mapped.next())];
    await clock.advance(10);
    const left = watch(leave(mapped));
    await clock.advance(0);
    const end = { done: true, value: undefined };
    expect([...pending.map(({ value }) => value), left.value, counts.returned]).toEqual([end, end, end, 1]);
    expect(await mapped.next()).toEqual(end);
  });

  it('return() cancels what runs and what waits, and drops an item that comes later', async () => {
    const { manager, clock } = await start({ scaling: 'off' });
    const gate = deferred<IteratorResult<number>>();
    const items = { [Symbol.asyncIterator]: () => ({ next: () => gate.promise }) };
    const late = manager.map(items, one);
    const running = manager.map([1, 2, 3], (_, resource) => resource.work(1_000), { concurrency: 3 });
    const pending = [watch(late.next()), watch(running.next())];
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ runningTasks: 1, queuedTasks: 2 });
    watch(leave(late));
    watch(leave(running));
    gate.resolve({ done: false, value: 7 });
    await clock.advance(0);
    expect(pending.map(({ value }) => value)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(manager.stats()).toMatchObject({ runningTasks: 0, queuedTasks: 0 });
    expect(manager.metrics().totalTasksArrived).toBe(3);
    await clock.advance(10_000);
  });

  it('throw() ends it likewise and rejects with what it is given', async () => {
    const { manager, clock } = await start();
    const { items, counts } = hanging(0);
    const mapped = manager.map(items, one);
    const pending = watch(mapped.next());
    const thrown = watch(mapped.throw?.('own') ?? leave(mapped));
    await clock.advance(0);
    expect([pending.value, thrown.error, counts.returned]).toEqual([{ done: true, value: undefined }, 'own', 1]);
  });

  it('before it has begun opens nothing, and nothing comes after', async () => {
    const { manager } = await start();
    const { items, counts } = hanging(9);
    const mapped = manager.map(items, one);
    await leave(mapped);
    expect([await mapped.next(), counts.opened]).toEqual([{ done: true, value: undefined }, 0]);
  });

  it('several who ask at once get the results in turn, and an error is told to one of them', async () => {
    const { manager, clock } = await start();
    const own = new Error('own');
    const mapped = manager.map(source(9, [], false), (item) => (item === 1 ? Promise.reject(own) : item));
    const asked = [watch(mapped.next()), watch(mapped.next()), watch(mapped.next())];
    await clock.advance(0);
    expect(asked.map(({ value, error }) => value ?? error)).toEqual([
      { done: false, value: 0 },
      own,
      { done: true, value: undefined },
    ]);
  });
});

describe('map with `settled`', () => {
  const odd = new Error('odd');
  const oddFails = async (item: number, resource: FakeResource): Promise<number> => {
    await resource.work(50 - item * 10);
    if (item % 2 === 1) throw odd;
    return item * 10;
  };

  for (const ordered of [true, false]) {
    it(`yields how each item has ended, ${ordered ? 'in order' : 'as they end'}, and goes on after a failure`, async () => {
      const { manager, clock } = await start({ workerCount: 4, maxWorkerCount: 4 });
      const log: string[] = [];
      const all = watch(collect(manager.map(source(4, log, false), oddFails, { settled: true, ordered })));
      await clock.advance(100);
      const outcomes = [
        { status: 'fulfilled', value: 0, item: 0, index: 0 },
        { status: 'rejected', reason: odd, item: 1, index: 1 },
        { status: 'fulfilled', value: 20, item: 2, index: 2 },
        { status: 'rejected', reason: odd, item: 3, index: 3 },
      ];
      expect(all.value).toEqual(ordered ? outcomes : outcomes.toReversed());
      expect(log.at(-1)).toBe('end');
    });

    it(`ends when its source throws, ${ordered ? 'ordered' : 'unordered'}`, async () => {
      const { manager, clock } = await start();
      const seen: MapOutcome<number, number>[] = [];
      const mapped = manager.map(source(9, [], true, 2), oddFails, { settled: true, ordered, concurrency: 1 });
      const all = watch(collect(mapped, seen));
      await clock.advance(1_000);
      expect([all.error, seen.map(({ status }) => status)]).toEqual([
        new Error('source failed'),
        ['fulfilled', 'rejected'],
      ]);
    });

    for (const how of ['stop', 'kill'] as const) {
      it(`ends with the ${how} of its manager, ${ordered ? 'ordered' : 'unordered'}`, async () => {
        const { manager, clock } = await start({ scaling: 'off' });
        const seen: unknown[] = [];
        const mapped = manager.map(source(9, [], false), (_, resource) => resource.work(10), {
          settled: true,
          ordered,
        });
        const all = watch(collect(mapped, seen));
        await clock.advance(15);
        watch(manager[how]());
        await clock.advance(100);
        expect(isTaskerError(all.error, how === 'stop' ? 'STOPPED' : 'KILLED')).toBe(true);
        expect(seen.length).toBe(how === 'kill' ? 1 : ordered ? 3 : 2); // what was accepted is finished before its turn
      });
    }
  }

  it('takes a STOPPED of somebody else for what it is: the failure of an item', async () => {
    const { clock, manage } = harness();
    const [manager, other] = [await manage(), await manage()];
    watch(other.stop());
    const all = watch(collect(manager.map([1], () => other.queueTask(one), { settled: true })));
    await clock.advance(10);
    expect(all.value).toMatchObject([{ status: 'rejected', reason: { code: 'STOPPED' }, index: 0 }]);
  });

  it('an abort of `signal` ends it', async () => {
    const { manager, clock } = await start();
    const controller = new AbortController();
    const { signal } = controller;
    const all = watch(collect(manager.map([1, 2, 3], (_, resource) => resource.work(10), { settled: true, signal })));
    await clock.advance(15);
    controller.abort('enough');
    await clock.advance(0);
    expect(all.error).toBe('enough');
    await clock.advance(100);
  });

  it('yields the timeout and the exhausted retries of an item, too', async () => {
    const { manager, clock } = await start({
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
      maxRetries: 1,
    });
    const fn = (item: string, resource: FakeResource): Promise<void> =>
      item === 'slow' ? resource.work(100) : Promise.reject(odd);
    const all = watch(collect(manager.map(['slow', 'sick'], fn, { settled: true, timeout: 10 })));
    await clock.advance(1_000);
    expect(all.value).toMatchObject([
      { status: 'rejected', reason: { code: 'TIMEOUT' }, item: 'slow', index: 0 },
      { status: 'rejected', reason: { code: 'RETRIES_EXHAUSTED', cause: odd }, item: 'sick', index: 1 },
    ]);
  });

  it('reads the option once', async () => {
    const { manager, clock } = await start();
    let reads = 0;
    const options = {
      get settled() {
        return ++reads === 1;
      },
    };
    const all = watch(collect(manager.map([1, 2], () => Promise.reject(odd), options as SettledMapOptions)));
    await clock.advance(10);
    expect([all.value?.map(({ status }) => status), reads]).toEqual([['rejected', 'rejected'], 1]);
  });
});
