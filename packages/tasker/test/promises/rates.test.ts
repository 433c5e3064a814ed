import { createCollector, createTaskManager } from 'tasker';
import type { OverloadVerdict, RateLimit, TaskOptions } from 'tasker';
import { describe, expect, it } from 'vitest';
import { SICK } from '../support/failures.ts';
import { code, harness, start, watch } from '../support/harness.ts';
import type { BenchConfig } from '../support/harness.ts';

/** 10 a second, evenly spaced. */
const TEN: RateLimit = { limit: 10, interval: 1_000 };

/** A manager that notes when its tasks start, in whole milliseconds. */
async function timed(config: BenchConfig = {}) {
  const bench = await start({ workerCount: 4, scaling: 'off', ...config });
  const { manager, clock } = bench;
  const since = clock.now();
  const starts: [name: string, at: number][] = [];
  const task =
    (name: string, ms = 0) =>
    async (): Promise<void> => {
      starts.push([name, Math.round(clock.now() - since)]);
      if (ms > 0) await bench.sleep(ms);
    };
  const add = (name: string, options: TaskOptions = {}, ms = 0) => watch(manager.queueTask(task(name, ms), options));
  return { ...bench, starts, task, add };
}

describe('rate', () => {
  it('spaces the starts of tasks evenly, however many workers are free', async () => {
    const { starts, add, clock } = await timed({ rate: TEN });
    for (const name of ['a', 'b', 'c', 'd']) add(name);
    await clock.advance(1_000);
    expect(starts).toEqual([
      ['a', 0],
      ['b', 100],
      ['c', 200],
      ['d', 300],
    ]);
  });

  it('may be several that hold at once, with bursts', async () => {
    const rate = [
      { limit: 10, interval: 1_000, burst: 2 },
      { limit: 4, interval: 10_000, burst: 4 },
    ];
    const { starts, add, clock } = await timed({ rate });
    for (const name of ['a', 'b', 'c', 'd', 'e']) add(name);
    await clock.advance(10_000);
    expect(starts.map(([, at]) => at)).toEqual([0, 0, 100, 200, 2_500]);
  });

  it('decides by priority when a task may start, not before', async () => {
    const { starts, add, clock } = await timed({ rate: TEN });
    for (const name of ['a', 'b']) add(name);
    await clock.advance(50);
    add('urgent', { priority: 5 });
    await clock.advance(1_000);
    expect(starts.map(([name]) => name)).toEqual(['a', 'urgent', 'b']);
  });

  it('counts what a task costs, and lets what is free start in its turn', async () => {
    const { starts, add, clock } = await timed({ rate: { ...TEN, burst: 4 } });
    add('three', { cost: 3 });
    add('two', { cost: 2 });
    add('free', { cost: 0 });
    add('nine', { cost: 9 });
    add('last');
    await clock.advance(10_000);
    expect(starts).toEqual([
      ['three', 0],
      ['two', 100],
      ['free', 100],
      ['nine', 500],
      ['last', 1_100],
    ]);
  });

  it('holds no worker: a task that waits for it leaves all idle', async () => {
    const { manager, add, clock } = await timed({ rate: TEN });
    for (const name of ['a', 'b', 'c']) add(name);
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ idleWorkers: 4, queuedTasks: 2, throttledTasks: 2, runningTasks: 0 });
    await clock.advance(1_000);
    expect(manager.stats()).toMatchObject({ queuedTasks: 0, throttledTasks: 0 });
  });

  it('shows in inspect() when the next task may start', async () => {
    const { manager, add, clock } = await timed({ rate: TEN });
    expect(manager.inspect()).not.toHaveProperty('opensIn');
    for (const name of ['a', 'b']) add(name);
    await clock.advance(30);
    expect(manager.inspect().opensIn).toBeCloseTo(70, 3);
    await clock.advance(1_000);
    expect(manager.inspect()).not.toHaveProperty('opensIn');
  });

  it('counts retries and leases', async () => {
    const { manager, starts, task, add, clock } = await timed({
      rate: TEN,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
    });
    let runs = 0;
    watch(
      manager.queueTask(async () => {
        await task('sick')();
        if (runs++ < 2) throw SICK;
      }),
    );
    const lease = manager.lease();
    add('after');
    await clock.advance(1_000);
    await (await lease).release();
    expect(starts).toEqual([
      ['sick', 0],
      ['sick', 100],
      ['sick', 200],
      ['after', 400],
    ]);
  });

  it('counts runTask, which is first, pooled or temporary', async () => {
    for (const resourcePoolSize of [0, 1]) {
      const { manager, starts, task, add, clock } = await timed({
        rate: TEN,
        resourcePoolSize,
        fakes: { createDelay: 30 },
      });
      add('queued');
      for (const name of ['a', 'b']) watch(manager.runTask(task(name, 20)));
      await clock.advance(10_000);
      expect(starts.map(([name]) => name).toSorted()).toEqual(['a', 'b', 'queued']);
      const times = starts.map(([, at]) => at);
      for (const [i, at] of times.entries()) if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(100);
      watch(manager.queueTask(() => {}));
      for (const name of ['c', 'd', 'e']) add(name);
      await clock.advance(50);
      watch(manager.runTask(task('first')));
      await clock.advance(10_000);
      // Without a pool its resource has to be made first.
      const [ahead, behind] = resourcePoolSize === 1 ? [[], ['c', 'd', 'e']] : [['c'], ['d', 'e']];
      expect(starts.slice(3).map(([name]) => name)).toEqual([...ahead, 'first', ...behind]);
    }
  });

  it('lets runTask be first of what is submitted together, too', async () => {
    const { manager, starts, task, add, clock } = await timed({ rate: TEN, resourcePoolSize: 1 });
    add('a');
    add('b');
    watch(manager.runTask(task('first')));
    await clock.advance(1_000);
    expect(starts.map(([name]) => name)).toEqual(['first', 'a', 'b']);
  });

  it('makes no more temporary resources for runTask than may start until one is there', async () => {
    const { manager, fakes, starts, task, clock } = await timed({ rate: TEN, fakes: { createDelay: 150 } });
    const before = fakes.created;
    for (let i = 0; i < 20; i++) watch(manager.runTask(task(`${i}`)));
    await clock.advance(1);
    expect(fakes.created + manager.stats().temporaryResources - before).toBeLessThanOrEqual(2);
    await clock.advance(10_000);
    expect(starts).toHaveLength(20);
  });

  it('gives the resource of a runTask that is cancelled while it waits for its time to the next one, or none', async () => {
    const { manager, starts, task, clock, fakes } = await timed({ rate: { limit: 1, interval: 1_000 } });
    const abort = new AbortController();
    watch(manager.queueTask(task('a')));
    await clock.advance(0);
    const cancelled = watch(manager.runTask(task('b'), { signal: abort.signal }));
    await clock.advance(500);
    abort.abort();
    await clock.advance(0);
    expect(cancelled.state).toBe('rejected');
    watch(manager.runTask(task('c')));
    await clock.advance(10_000);
    expect([starts.at(-1)?.[0], manager.stats().temporaryResources, fakes.created - fakes.destroyed]).toEqual([
      'c',
      0,
      4,
    ]);
  });

  it('lets go on what waits behind a runTask that is cancelled while it waits for its time', async () => {
    for (const resourcePoolSize of [0, 1]) {
      const { manager, starts, task, add, clock } = await timed({ rate: TEN, resourcePoolSize });
      add('a');
      await clock.advance(0);
      const abort = new AbortController();
      watch(manager.runTask(task('cancelled'), { signal: abort.signal }));
      await clock.advance(10);
      abort.abort();
      await clock.advance(10);
      add('b');
      await clock.advance(1_000);
      expect(starts).toEqual([
        ['a', 0],
        ['b', 100],
      ]);
    }
  });

  it('is asked again for the next one where the first has come too late', async () => {
    const { manager, starts, add, clock, timers } = await timed({ rate: { ...TEN, burst: 4 } });
    add('a', { cost: 4 });
    const late = add('late', { queueTimeout: 100, cost: 0.5 });
    add('dear', { cost: 4 });
    timers.now = () => clock.now() + (clock.now() >= 50 ? 60 : 0); // it has come too late before its timer fires
    await clock.advance(50);
    manager.resize({ workerCount: 5 });
    await clock.advance(2_000);
    expect([code(late), starts]).toEqual([
      'QUEUE_TIMEOUT',
      [
        ['a', 0],
        ['dear', 340],
      ],
    ]);
  });

  it('is held where a collector blocks that is told of an end', async () => {
    let blocked = 0;
    const collector = Object.assign(createCollector(), { recordCompletion: () => void (blocked = 60) });
    const { manager, clock, timers, sleep } = await timed({ rate: TEN, workerCount: 1, collector });
    timers.now = () => clock.now() + blocked;
    const starts: number[] = [];
    const add = (ms: number) =>
      watch(
        manager.queueTask(async () => {
          starts.push(timers.now());
          if (ms > 0) await sleep(ms);
        }),
      );
    for (const ms of [150, 0, 0]) add(ms);
    await clock.advance(1_000);
    for (const [i, at] of starts.entries()) if (i > 0) expect(at - (starts[i - 1] ?? 0)).toBeGreaterThan(99);
  });

  it('starts at once what may when a task before it that costs more is cancelled', async () => {
    const { manager, starts, add, clock } = await timed({ rate: { ...TEN, burst: 4 } });
    add('a', { cost: 4 });
    const dear = manager.submit(() => {}, { cost: 4 });
    watch(dear.result);
    add('cheap', { cost: 0 });
    await clock.advance(10);
    dear.cancel();
    await clock.advance(0);
    expect(starts).toEqual([
      ['a', 0],
      ['cheap', 10],
    ]);
  });

  it('makes a worker of a lazy manager for what waits for its time', async () => {
    for (const options of [{}, { cost: 0.5 }, { cost: 9 }]) {
      const { starts, add, clock } = await timed({ rate: TEN, workerCount: 1, lazy: true, idleTimeout: 5 });
      add('a', options);
      await clock.advance(20);
      add('b', options);
      await clock.advance(2_000);
      expect(starts.map(([name]) => name)).toEqual(['a', 'b']);
    }
  });

  it('makes a worker for what was submitted less than a millisecond before its time', async () => {
    const lazy = { workerCount: 1, lazy: true, idleTimeout: 0 };
    const burst = { workerCount: 1, maxWorkerCount: 2, scaling: 'auto' } as const;
    for (const [options, ms] of [
      [lazy, 0],
      [burst, 5_000],
    ] as const) {
      const { starts, add, clock } = await timed({ rate: TEN, targetWait: 0, ...options });
      add('a', {}, ms);
      await clock.advance(99.5);
      add('b');
      await clock.advance(1_000);
      expect(starts.map(([name]) => name)).toEqual(['a', 'b']);
    }
  });

  it('makes a worker of a lazy manager for what is free, whatever others have cost', async () => {
    const { starts, add, clock } = await timed({
      rate: { ...TEN, burst: 5 },
      workerCount: 1,
      lazy: true,
      idleTimeout: 5,
    });
    for (let i = 0; i < 20; i++) add('a', { cost: 6 });
    await clock.advance(19 * 600);
    await clock.advance(20);
    add('free', { cost: 0 });
    await clock.advance(0);
    expect(starts.at(-1)).toEqual(['free', 19 * 600 + 20]);
  });

  it('does not make those forget to wait whose worker could not be made before a runTask has come first', async () => {
    const { manager, starts, task, add, clock } = await timed({
      rate: { limit: 1, interval: 1_000 },
      workerCount: 1,
      lazy: true,
      fakes: { createDelay: 50, failCreate: (n) => n === 2 },
      createBackoff: () => 10,
    });
    watch(manager.runTask(task('first')));
    add('a');
    await clock.advance(5_000);
    expect(starts.map(([name]) => name)).toEqual(['first', 'a']);
  });

  it('forgets nobody where with aging another is first when the worker could not be made', async () => {
    const { starts, add, clock } = await timed({
      rate: { ...TEN, burst: 3 },
      aging: 200,
      targetWait: 0,
      workerCount: 1,
      lazy: true,
      idleTimeout: 0,
      fakes: { createDelay: 10, failCreate: (n) => n === 2 },
      createBackoff: () => 80,
    });
    add('a', { cost: 5 });
    await clock.advance(20);
    add('cheap', { cost: 0.2 }); // first from 220 on
    await clock.advance(80);
    add('dear', { cost: 3, priority: 1 }); // first again from 300 on
    await clock.advance(125);
    add('last', { priority: -9 });
    await clock.advance(5_000);
    expect(starts.map(([name]) => name).toSorted()).toEqual(['a', 'cheap', 'dear', 'last']);
  });

  it('serves those of runTask in their order, so that one that costs more than others has its turn', async () => {
    const rate = { ...TEN, burst: 3 };
    const { manager, starts, task, add, clock } = await timed({ rate, fakes: { createDelay: 10 } });
    watch(manager.runTask(task('dear'), { cost: 3 }));
    await clock.advance(1);
    watch(manager.runTask(task('cheap')));
    await clock.advance(1);
    add('a', { cost: 3 }); // while their resources are made
    await clock.advance(5_000);
    expect(starts).toEqual([
      ['a', 2],
      ['dear', 302],
      ['cheap', 402],
    ]);
  });

  it('lets map() go on in a full queue when one more may start', async () => {
    const { manager, clock } = await timed({ rate: TEN, maxQueueSize: 0 });
    const mapped: number[] = [];
    const mapping = (async () => {
      for await (const one of manager.map([1, 2, 3], (item) => item)) mapped.push(one);
    })();
    await clock.advance(100);
    expect(mapped).toEqual([1, 2]);
    await clock.advance(100);
    await mapping;
    expect(mapped).toEqual([1, 2, 3]);
  });

  it('holds with numbers beyond all measure: what may not start is told of and waits', async () => {
    const huge: [RateLimit, number][] = [
      [{ limit: 1e-300, interval: 1e300 }, 1],
      [{ limit: 1e-300, interval: 1e300, burst: 2 }, 2],
      [{ limit: 1, interval: 1e10 }, 1e300],
      [{ limit: 1, interval: 1e300 }, 1e300],
    ];
    for (const [rate, cost] of huge) {
      for (const option of ['rate', 'keyRate'] as const) {
        const { manager, starts, add, clock } = await timed({ [option]: rate });
        const delays: number[] = [];
        manager.on('throttled', ({ delay }) => delays.push(delay));
        for (const name of ['a', 'b', 'c']) add(name, { cost, key: 'x' });
        await clock.advance(1e6);
        expect([starts, manager.stats().throttledTasks, delays.every((delay) => delay > 1e300)]).toEqual([
          [['a', 0]],
          2,
          true,
        ]);
        expect(delays.length).toBeGreaterThan(0);
        watch(manager.kill());
      }
    }
    const { starts, add, clock } = await timed({ rate: { limit: 1e308, interval: 1e-300, burst: 1e308 } });
    for (const name of ['a', 'b', 'c']) add(name, { cost: 1e307 });
    await clock.advance(0);
    expect(starts).toHaveLength(3);
  });

  it('is held over stop(), which waits for all, and ends with kill(), at once', async () => {
    const { manager, add, clock } = await timed({ rate: TEN });
    const all = ['a', 'b', 'c'].map((name) => add(name));
    const stopping = watch(manager.stop());
    await clock.advance(199);
    expect(stopping.state).toBe('pending');
    await clock.advance(100);
    expect([stopping.state, ...all.map(({ state }) => state)]).toEqual(Array(4).fill('fulfilled'));

    const killed = await timed({ rate: { limit: 1, interval: 1e6 } });
    const waiting = ['a', 'b'].map((name) => killed.add(name));
    await killed.clock.advance(5);
    const killing = watch(killed.manager.kill());
    await killed.clock.advance(0);
    expect([waiting.map(code), killing.state]).toEqual([[undefined, 'KILLED'], 'fulfilled']);
  });

  it('is bounded by queueTimeout and deadline; what has left costs nothing', async () => {
    const { starts, add, clock } = await timed({ rate: TEN });
    add('a');
    const late = add('late', { queueTimeout: 50 });
    const later = add('later', { deadline: 60 });
    add('b');
    await clock.advance(1_000);
    expect([late, later].map(code)).toEqual(['QUEUE_TIMEOUT', 'DEADLINE']);
    expect(starts).toEqual([
      ['a', 0],
      ['b', 100],
    ]);
  });

  it('has one timer while tasks wait for it, and none when they have left', async () => {
    const { manager, timers, add, clock } = await timed({ rate: { limit: 1, interval: 1e6 } });
    const before = timers.armed;
    add('a');
    const waiting = Array.from({ length: 10 }, () => manager.submit(() => {}));
    await clock.advance(1);
    expect(timers.armed).toBe(before + 1);
    for (const handle of waiting) {
      watch(handle.result);
      handle.cancel();
    }
    await clock.advance(0);
    expect(timers.armed).toBe(before);
  });

  it('lets a pause come first, and owes nothing for it', async () => {
    const { manager, starts, add, clock } = await timed({ rate: TEN });
    for (const name of ['a', 'b', 'c']) add(name);
    await clock.advance(50);
    manager.pause();
    await clock.advance(1_000);
    manager.resume();
    await clock.advance(1_000);
    expect(starts.map(([, at]) => at)).toEqual([0, 1_050, 1_150]);
  });

  it('leaves no room in a bounded queue for what may not start now', async () => {
    const { add, clock } = await timed({ rate: { ...TEN, burst: 2 }, maxQueueSize: 1 });
    const all = ['a', 'b', 'c', 'd'].map((name) => add(name));
    await clock.advance(0);
    expect(all.map(code)).toEqual([undefined, undefined, undefined, 'QUEUE_FULL']);
    await clock.advance(1_000);
    expect(all[2]?.state).toBe('fulfilled');
  });

  it('serves plain tasks, with aging too', async () => {
    for (const aging of [undefined, 500]) {
      const { manager, clock, task, starts } = await timed({ rate: TEN, aging });
      for (const name of ['a', 'b', 'c']) watch(manager.queueTask(task(name)));
      await clock.advance(1_000);
      expect(starts.map(([, at]) => at)).toEqual([0, 100, 200]);
    }
  });

  it('runs at the rate for long, to the last task', async () => {
    const { starts, add, clock } = await timed({ rate: { limit: 7, interval: 1_000, burst: 3 } });
    for (let i = 0; i < 500; i++) add(`${i}`);
    await clock.advance((497 / 7) * 1_000 + 1);
    expect(starts).toHaveLength(500);
  });
});

describe('a rate with a unit', () => {
  const PER_SECOND = [TEN, { limit: 1_000, interval: 1_000, burst: 300, unit: 'tokens' }];

  it('is charged with what a task takes of that unit, beside a rate of starts', async () => {
    const { starts, add, clock } = await timed({ rate: PER_SECOND });
    for (const tokens of [300, 10, 10, 200]) add(`${tokens}`, { cost: { tokens } });
    add('none');
    await clock.advance(2_000);
    expect(starts).toEqual([
      ['300', 0],
      ['10', 100],
      ['10', 200],
      ['200', 300],
      ['none', 400],
    ]);
  });

  it('may be of each key, too, and lets what takes nothing of it pass', async () => {
    const { starts, add, clock } = await timed({ keyRate: [{ ...TEN, burst: 3 }, ...PER_SECOND.slice(1)] });
    for (const tokens of [900, 0, 0, 300]) add(`${tokens}`, { key: 'x', cost: { tokens } });
    add('y', { key: 'y', cost: { tokens: 300 } });
    await clock.advance(2_000);
    expect(starts).toEqual([
      ['900', 0],
      ['y', 0],
      ['0', 0],
      ['0', 0],
      ['300', 900],
    ]);
  });

  it('is the same for retries, runTask and map()', async () => {
    const { manager, starts, task, clock } = await timed({ rate: PER_SECOND, checkHealth: () => false });
    let runs = 0;
    const sick = async (): Promise<void> => {
      await task('sick')();
      if (runs++ < 1) throw SICK;
    };
    watch(manager.queueTask(sick, { cost: { tokens: 300 } }));
    await clock.advance(1_000);
    watch(manager.runTask(task('direct'), { cost: { tokens: 300 } }));
    await clock.advance(0);
    const mapped = manager.map(['a', 'b'], (name) => task(name)(), { cost: { tokens: 100 } });
    watch(mapped.next());
    await clock.advance(1_000);
    expect(starts).toEqual([
      ['sick', 0],
      ['sick', 300],
      ['direct', 1_000],
      ['a', 1_100],
      ['b', 1_200],
    ]);
  });

  it('may have no name that every object has: its cost would be read from there', async () => {
    const { config } = harness();
    for (const unit of ['__proto__', 'toString', 'constructor']) {
      await expect(createTaskManager(config({ rate: { ...TEN, unit } }))).rejects.toMatchObject({
        code: 'INVALID_CONFIG',
      });
    }
  });

  it('is charged with a number where all limits count the same', async () => {
    const unit = 'tokens';
    const { starts, add, clock } = await timed({
      rate: [
        { ...TEN, unit },
        { limit: 99, interval: 1_000, unit },
      ],
    });
    for (const cost of [3, 2]) add(`${cost}`, { cost });
    await clock.advance(2_000);
    expect(starts.map(([, at]) => at)).toEqual([0, 300]);
  });

  it('is read once, and a unit that there is not, or no amount of one, is refused', async () => {
    const { manager, starts, add, clock } = await timed({ rate: PER_SECOND });
    const cost = { tokens: 300 };
    add('a', { cost });
    add('b', { cost });
    cost.tokens = 0;
    await clock.advance(1_000);
    expect(starts).toEqual([
      ['a', 0],
      ['b', 300],
    ]);
    const refused = async (options: object): Promise<string> =>
      manager.queueTask(() => '', options).catch((error: Error) => error.message);
    expect(await refused({ cost: { token: 5 } })).toBe(
      'cost.token is the unit of no limit: the units are tokens, did you mean tokens?',
    );
    expect(await refused({ cost: { requests: 1, tokens: 1 } })).toBe(
      'cost.requests is the unit of no limit: the units are tokens, and each run takes 1 of a limit without one',
    );
    expect(await refused({ cost: [5] })).toBe(
      'cost must be a finite number, 0 or more, or an object of those, got [Array(1)]',
    );
    expect(await refused({ cost: 1_200 })).toBe(
      'cost must say of which unit it is where limits count different ones, such as { tokens: 1200 }, got 1200',
    );
    expect([await refused({ cost: 0 }), await refused({ cost: 1 })]).toEqual(['', '']);
    expect(await refused({ cost: { tokens: -1 } })).toBe('cost.tokens must be a finite number, 0 or more, got -1');
    expect(await refused({ cost: 'all' })).toBe(
      'cost must be a finite number, 0 or more, or an object of those, got "all"',
    );
    await expect(manager.map([1], () => {}, { cost: { token: 5 } }).next()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });
});

describe('keyRate', () => {
  it('holds for each key apart, and passes over a key that has to wait', async () => {
    const { starts, add, clock, manager } = await timed({ keyRate: TEN });
    for (const key of ['x', 'x', 'x', 'y', 'y']) add(key, { key });
    add('none');
    await clock.advance(10);
    expect(manager.inspect().keys).toEqual([
      { key: 'x', waiting: 2, running: 0, opensIn: expect.closeTo(90, 3) },
      { key: 'y', waiting: 1, running: 0, opensIn: expect.closeTo(90, 3) },
    ]);
    expect(manager.stats()).toMatchObject({ throttledTasks: 3, queuedTasks: 3, idleWorkers: 4 });
    await clock.advance(1_000);
    expect(starts).toEqual([
      ['x', 0],
      ['y', 0],
      ['none', 0],
      ['x', 100],
      ['y', 100],
      ['x', 200],
    ]);
    expect(manager.inspect().keys).toEqual([]);
  });

  it('remembers what a key owes after its last task has ended', async () => {
    const { starts, add, clock } = await timed({ keyRate: TEN });
    add('a', { key: 'x' });
    await clock.advance(30);
    add('b', { key: 'x' });
    await clock.advance(1_000);
    add('c', { key: 'x' });
    await clock.advance(1_000);
    expect(starts.map(([, at]) => at)).toEqual([0, 100, 1_030]);
  });

  it('counts what a task costs, with bursts', async () => {
    const { starts, add, clock } = await timed({ keyRate: { ...TEN, burst: 5 } });
    for (const cost of [3, 3, 1]) add(`${cost}`, { key: 'x', cost });
    await clock.advance(1_000);
    expect(starts).toEqual([
      ['3', 0],
      ['3', 100],
      ['1', 200],
    ]);
  });

  it('decides by priority when a task may start, not before, and lets what is free pass', async () => {
    const { starts, add, clock } = await timed({ keyRate: { ...TEN, burst: 5 } });
    add('much', { key: 'x', cost: 20 });
    add('more', { key: 'x', cost: 9 });
    await clock.advance(1_000);
    add('later', { key: 'x', priority: -1 });
    add('free', { key: 'x', priority: 1, cost: 0 });
    add('urgent', { key: 'x', priority: 1 });
    await clock.advance(10_000);
    expect(starts).toEqual([
      ['much', 0],
      ['free', 1_000],
      ['urgent', 1_600],
      ['more', 2_100],
      ['later', 2_600],
    ]);
  });

  it('goes with keyConcurrency, rate, retries and aging', async () => {
    for (const aging of [undefined, 200]) {
      const { starts, add, manager, task, clock } = await timed({
        rate: { limit: 20, interval: 1_000 },
        keyRate: TEN,
        keyConcurrency: 1,
        aging,
        checkHealth: () => ({ resource: 'keep', task: 'retry', after: 0 }),
      });
      let runs = 0;
      const sick = async (): Promise<void> => {
        await task('x')();
        if (runs++ === 0) throw SICK;
      };
      watch(manager.queueTask(sick, { key: 'x' }));
      add('x', { key: 'x' }, 250);
      add('x', { key: 'x' });
      add('y', { key: 'y' });
      await clock.advance(2_000);
      const of = (key: string): number[] => starts.filter(([name]) => name === key).map(([, at]) => at);
      expect([of('x'), of('y')]).toEqual([[0, 100, 200, 450], [50]]);
    }
  });

  it('starts at once what of a key may when another task of it comes first, or has left', async () => {
    for (const aging of [undefined, 500]) {
      const { manager, starts, add, clock } = await timed({ keyRate: { ...TEN, burst: 3 }, aging });
      add('a', { key: 'x', cost: 3 });
      const dear = manager.submit(() => {}, { key: 'x', cost: 3 });
      watch(dear.result);
      await clock.advance(10);
      add('ahead', { key: 'x', cost: 0, priority: 1 });
      add('behind', { key: 'x', cost: 0 });
      await clock.advance(10);
      dear.cancel();
      await clock.advance(1_000);
      expect(starts).toEqual([
        ['a', 0],
        ['ahead', 10],
        ['behind', 20],
      ]);
    }
  });

  it('starts what is free at once after a task that is not, in another lane of the key, too', async () => {
    for (const aging of [undefined, 500]) {
      const { starts, add, clock } = await timed({ keyRate: TEN, aging });
      add('one', { key: 'x', priority: 1 });
      add('free', { key: 'x', cost: 0 });
      add('tenth', { key: 'x', cost: 0.1 });
      await clock.advance(1_000);
      expect(starts).toEqual([
        ['one', 0],
        ['free', 0],
        ['tenth', 10],
      ]);
    }
  });

  it('takes nothing for a task that has come too late', async () => {
    const { starts, add, clock, timers } = await timed({ keyRate: TEN });
    add('a', { key: 'x' });
    const late = add('late', { key: 'x', queueTimeout: 150 });
    add('b', { key: 'x' });
    timers.now = () => clock.now() + (clock.now() >= 100 ? 60 : 0); // it has come too late before its timer fires
    await clock.advance(1_000);
    expect([code(late), starts]).toEqual([
      'QUEUE_TIMEOUT',
      [
        ['a', 0],
        ['b', 100],
      ],
    ]);
  });

  it('forgets keys: what is kept does not grow with the keys that were', async () => {
    const { manager, clock } = await timed({ keyRate: TEN });
    const inside = manager as unknown as { engine: { queue: { gates: Iterable<unknown> } } };
    for (let i = 0; i < 2_000; i++) {
      watch(manager.queueTask(() => {}, { key: `${i}` }));
      await clock.advance(10);
    }
    expect([...inside.engine.queue.gates].length).toBeLessThan(20);
  });
});

describe('throttled', () => {
  it('is told while tasks wait for their time, once a second at most', async () => {
    const { manager, add, clock } = await timed({ rate: TEN });
    const heard: unknown[] = [];
    manager.on('throttled', (event) => heard.push(event));
    for (let i = 0; i < 25; i++) add(`${i}`);
    await clock.advance(5_000);
    expect(heard).toEqual([
      { reason: 'rate', delay: expect.closeTo(100, 3), waiting: 24 },
      { reason: 'rate', delay: expect.closeTo(100, 3), waiting: 14 },
      { reason: 'rate', delay: expect.closeTo(100, 3), waiting: 4 },
    ]);
  });

  it('tells when the next task may start, and wakes up then, whatever other keys have to do that nobody waits for', async () => {
    const { manager, timers, clock, add } = await timed({ keyRate: TEN });
    const heard: unknown[] = [];
    manager.on('throttled', (event) => heard.push(event));
    let armed = 0;
    const arm = timers.setTimeout.bind(timers);
    timers.setTimeout = (fn, ms) => {
      armed++;
      return arm(fn, ms);
    };
    add('a', { key: 'a', cost: 5 });
    for (let i = 0; i < 20; i++) {
      await clock.advance(1);
      add('other', { key: `${i}` });
    }
    add('a', { key: 'a' });
    await clock.advance(470);
    expect([heard, armed]).toEqual([[{ reason: 'rate', delay: 480, waiting: 1 }], 1]);
  });

  it('is told of a pause within a second, though it was told of a rate just before', async () => {
    const minute: OverloadVerdict = { overload: true, task: 'fail', after: 60_000 };
    const { manager, add, clock, sleep } = await timed({ rate: TEN, checkHealth: () => minute });
    const heard: unknown[] = [];
    manager.on('throttled', ({ reason, delay }) => heard.push([reason, Math.round(delay)]));
    const refused = async (): Promise<void> => {
      await sleep(50);
      throw SICK;
    };
    watch(manager.queueTask(refused));
    add('waiting');
    await clock.advance(30_000);
    expect(heard).toEqual([
      ['rate', 100],
      ['overload', 59_050],
    ]);
  });

  it('leaves no timer, nor holds anybody back, where who listens ends all that waits', async () => {
    for (const resourcePoolSize of [0, 1]) {
      const { manager, starts, timers, add, clock } = await timed({
        rate: { limit: 1, interval: 1e6 },
        resourcePoolSize,
      });
      const abort = new AbortController();
      const waiting: number[] = [];
      manager.on('throttled', (event) => {
        waiting.push(event.waiting);
        abort.abort();
      });
      add('a');
      await clock.advance(10);
      const armed = timers.armed;
      watch(manager.runTask(() => {}, { signal: abort.signal }));
      await clock.advance(10);
      expect([timers.armed, waiting, manager.stats().throttledTasks]).toEqual([armed, [1], 0]);
      add('free', { cost: 0 });
      await clock.advance(0);
      expect(starts.at(-1)).toEqual(['free', 20]);
    }
  });
});

describe('the law and a rate', () => {
  it('makes as many workers as the rate can keep busy, twice, however many tasks wait', async () => {
    const bench = harness({ createDelay: 100 });
    const manager = await bench.manage({
      workerCount: 2,
      maxWorkerCount: 50,
      rate: { limit: 100, interval: 1_000 },
    });
    let most = 0;
    for (let i = 0; i < 3_000; i++) {
      watch(manager.queueTask(bench.work(80)));
      await bench.clock.advance(1_000 / 150);
      most = Math.max(most, manager.stats().activeWorkers + manager.stats().startingWorkers);
    }
    expect(most).toBeGreaterThanOrEqual(8);
    expect(most).toBeLessThanOrEqual(20);
    expect(manager.stats().throttledTasks).toBeGreaterThan(800);
    watch(manager.kill());
  });
});
