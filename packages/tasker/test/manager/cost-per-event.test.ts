import { beforeAll, describe, expect, it } from 'vitest';
import { children } from '../support/lifecycle-child.ts';
import { PROFILER } from '../support/profiler.ts';

const SMALL = 1_000;
const LARGE = 64_000;

/** Log n grows by 1.6 between the two; anything that goes through all that waits by 64. */
const LIMIT = 2.2;

/**
 * Plays every public operation with `n` waiting and prints how many stretches of the library's code ran for each event,
 * as V8's block coverage counts them, and how many elements array methods went through.
 */
const SCRIPT = `${PROFILER}
  let elements = 0;
  for (const name of ['concat', 'filter', 'find', 'findIndex', 'findLast', 'flatMap', 'forEach', 'includes', 'indexOf',
    'lastIndexOf', 'map', 'reduce', 'shift', 'slice', 'some', 'splice', 'toSorted', 'unshift']) {
    const original = Array.prototype[name];
    Array.prototype[name] = function (...args) {
      elements += this.length;
      return original.apply(this, args);
    };
  }
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true }); // before the library is compiled
  const { createTaskManager } = await import('./tasker.mjs');

  /** Runs and returns how much of the library ran. */
  async function work(run) {
    post('Profiler.takePreciseCoverage');
    elements = 0;
    await run();
    const { result } = post('Profiler.takePreciseCoverage');
    let sum = elements;
    for (const script of result.filter(({ url }) => url.endsWith('tasker.mjs')))
      for (const { ranges } of script.functions) for (const { count } of ranges) sum += count;
    return sum;
  }

  /** Time that passes only when it is told to. */
  class ManualClock {
    time = 0;
    due = new Map();
    now() { return this.time; }
    setTimeout(fn, ms) {
      const at = this.time + Math.max(1, Math.ceil(ms));
      const timer = { fn, at };
      if (!this.due.has(at)) this.due.set(at, new Set());
      this.due.get(at).add(timer);
      return timer;
    }
    clearTimeout(timer) { if (timer) this.due.get(timer.at)?.delete(timer); }
    async advance(ms) {
      for (const end = this.time + ms; this.time < end; ) {
        const timers = this.due.get(++this.time);
        this.due.delete(this.time);
        if (timers) for (const timer of [...timers]) if (timers.delete(timer)) timer.fn();
        if (timers) await turn();
      }
    }
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const ignore = () => {};
  const EVENTS = 200;
  const clock = new ManualClock();

  function start(config = {}) {
    return createTaskManager({
      onCreate: () => ({}),
      onDestroy: ignore,
      clock,
      workerCount: 2,
      maxWorkerCount: 3,
      resourcePoolSize: 0,
      scaling: () => 2, // asked at every dispatch
      asyncContext: false,
      ...config,
    });
  }

  /** A manager whose workers are held by leases, so that what is submitted waits. */
  async function busy(config) {
    const manager = await start(config);
    const leases = await Promise.all([manager.lease(), manager.lease()]);
    return { manager, free: () => Promise.all(leases.map((lease) => lease.release())) };
  }

  const fill = (manager, n, options) => Array.from({ length: n }, (_, i) => {
    const handle = manager.submit(ignore, options?.(i) ?? {});
    handle.result.catch(ignore);
    return handle;
  });

  /** Each task that ends submits another, so that n wait all the time, until EVENTS have run. */
  async function turnover(n, config, options = () => ({}), prepare = ignore, task = undefined) {
    const { manager, free } = await busy(config);
    let run = 0;
    let isMeasured = false;
    let isDone;
    const done = new Promise((resolve) => (isDone = resolve));
    const hold = new Promise(ignore);
    let submitted = 0;
    const submit = () => {
      const handle = manager.submit(async (resource, context) => {
        if (task) task(context);
        if (isMeasured) {
          if (++run >= EVENTS) {
            isDone();
            return hold;
          }
          submit();
        }
      }, options(submitted++));
      handle.result.catch(ignore);
      return handle;
    };
    const handles = Array.from({ length: n }, submit);
    await turn();
    await prepare({ manager, handles, submit });
    isMeasured = true;
    const cost = await work(async () => {
      void free();
      await done;
    });
    await manager.kill();
    return cost / EVENTS;
  }

  /** Does something EVENTS times to a manager with n tasks waiting. */
  async function each(n, config, options, act) {
    const { manager } = await busy(config);
    const handles = fill(manager, n, options);
    await turn();
    const cost = await work(async () => {
      for (let i = 0; i < EVENTS; i++) {
        act({ manager, handles, i });
        await turn();
      }
    });
    await manager.kill();
    return cost / EVENTS;
  }

  /** Does one thing that concerns all n. */
  async function all(n, config, options, act, prepare = ignore) {
    const { manager, free } = await busy(config);
    const handles = fill(manager, n, options);
    await turn();
    const prepared = await prepare({ manager, handles, n });
    const cost = await work(() => act({ manager, handles, free, n, prepared }));
    await manager.kill().catch(ignore);
    return cost / n;
  }

  const spread = (i) => ({ priority: (i * 7919) % 64_007 });
  const keyed = (i) => ({ key: 'k' + i });
  const few = (i) => ({ priority: i % 5, key: 'k' + (i % 7) });
  const one = (i) => (i % 2 === 0 ? { key: 'one', priority: (i * 7919) % 64_007 } : {});
  const retry = (after) => ({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: after() }) });
  const sick = new Error('sick');
  let jitter = 0;
  const failOnce = ({ attempt }) => { if (attempt === 1) throw sick; };
  const drop = (n, onFull) => ({ maxQueueSize: n, onFull });
  const middle = (handles, i) => handles[(i * 37 + handles.length / 2) % handles.length];

  const scenarios = {
    'queueTask': (n) => turnover(n, {}),
    'queueTask, options': (n) => turnover(n, {}, () => ({ name: 'a', timeout: 1e6, queueTimeout: 1e6, deadline: 1e6 })),
    'queueTask, few priorities and keys': (n) => turnover(n, {}, few),
    'queueTask, a priority each': (n) => turnover(n, {}, spread),
    'queueTask, a fraction of a priority each': (n) => turnover(n, {}, (i) => ({ priority: ((i * 7919) % 64_007) / 64_007 })),
    'queueTask, a key each': (n) => turnover(n, {}, keyed),
    'queueTask, a key each, with a cap': (n) => turnover(n, { keyConcurrency: 1 }, keyed),
    'queueTask, one capped key over all priorities': (n) => turnover(n, { keyConcurrency: 1 }, one),
    'aging, few priorities and keys': (n) => turnover(n, { aging: 10 }, few),
    'aging, a priority each': (n) => turnover(n, { aging: 10 }, spread),
    'aging, a key each': (n) => turnover(n, { aging: 10 }, keyed),
    'aging, a key each, with a cap': (n) => turnover(n, { aging: 10, keyConcurrency: 1 }, keyed),
    'aging, one capped key over all priorities': (n) => turnover(n, { aging: 10, keyConcurrency: 1 }, one),
    'aging, submitted over many steps': async (n) => {
      const config = { aging: 10 };
      return turnover(n, config, (i) => {
        if (i % 100 === 0) clock.time += 7;
        return spread(i);
      });
    },
    'a retry at once': (n) => turnover(n, retry(() => 0), undefined, undefined, failOnce),
    'a retry at once, with aging': (n) => turnover(n, { aging: 10, ...retry(() => 0) }, undefined, undefined, failOnce),
    'retries that wait, back out of order': async (n) => {
      const { manager, free } = await busy({
        ...retry(() => 1_000 + ((jitter += 7919) % 64)),
      });
      let starts = 0;
      const all = Array.from({ length: n }, () => manager.queueTask((_, context) => (starts++, failOnce(context))).catch(ignore));
      const leases = [manager.lease({ priority: 1 }), manager.lease({ priority: 1 })];
      await free();
      for (const lease of leases) void (await lease).release();
      await turn();
      while (starts < n) await turn();
      const again = await Promise.all([manager.lease({ priority: 1 }), manager.lease({ priority: 1 })]);
      const cost = await work(() => clock.advance(2_000));
      const waiting = manager.stats().retryingTasks;
      for (const lease of again) void lease.release();
      const rest = await work(() => Promise.all(all));
      if (waiting !== n) throw new Error('only ' + waiting + ' were back');
      await manager.kill();
      return (cost + rest) / n;
    },
    'queueTask after one task was moved and moved back': (n) =>
      turnover(n, {}, undefined, ({ handles }) => {
        const handle = handles[5];
        handle.priority = 1;
        handle.priority = 0;
      }),
    'handle.priority': (n) => each(n, {}, undefined, ({ handles, i }) => { middle(handles, i).priority = i % 3; }),
    'handle.priority, a priority each': (n) => each(n, {}, spread, ({ handles, i }) => { middle(handles, i).priority = -i; }),
    'handle.priority, with aging': (n) => each(n, { aging: 10 }, spread, ({ handles, i }) => { middle(handles, i).priority = -i; }),
    'handle.cancel': (n) => each(n, {}, undefined, ({ handles, i }) => middle(handles, i).cancel()),
    'handle.cancel, a priority each': (n) => each(n, {}, spread, ({ handles, i }) => middle(handles, i).cancel()),
    'handle.cancel, a key each': (n) => each(n, { aging: 10 }, keyed, ({ handles, i }) => middle(handles, i).cancel()),
    'handle.cancel of all, a priority each, then a task': (n) =>
      all(n, { aging: 10 }, spread, async ({ manager, handles, free }) => {
        for (const handle of handles) handle.cancel();
        await free();
        await manager.queueTask(ignore);
      }),
    'drop-oldest': (n) => each(n, drop(n, 'drop-oldest'), few, ({ manager }) => fill(manager, 1, () => ({ priority: 2 }))),
    'drop-oldest, a key each': (n) => each(n, drop(n, 'drop-oldest'), keyed, ({ manager, i }) => fill(manager, 1, () => keyed('x' + i))),
    'drop-oldest, a priority each': (n) => each(n, drop(n, 'drop-oldest'), spread, ({ manager }) => fill(manager, 1, () => ({ priority: 1e6 }))),
    'drop-lowest': (n) => each(n, drop(n, 'drop-lowest'), few, ({ manager }) => fill(manager, 1, () => ({ priority: 9 }))),
    'drop-lowest, a key each': (n) => each(n, drop(n, 'drop-lowest'), keyed, ({ manager, i }) => fill(manager, 1, () => ({ priority: 1, key: 'x' + i }))),
    'a refusal': (n) => each(n, drop(n, 'reject'), few, ({ manager }) => fill(manager, 1)),
    'runTask, side by side': async (n) => {
      const manager = await start();
      const cost = await work(() => Promise.all(Array.from({ length: n }, () => manager.runTask(async () => {}))));
      await manager.kill();
      return cost / n;
    },
    'runTask, in turn': async (n) => {
      const manager = await start({ maxTemporaryResources: 1 });
      const cost = await work(() => Promise.all(Array.from({ length: n }, () => manager.runTask(ignore))));
      await manager.kill();
      return cost / n;
    },
    'runTask, cancelled while it waits': async (n) => {
      const manager = await start({ maxTemporaryResources: 1 });
      void manager.runTask(() => new Promise(ignore)).catch(ignore);
      await turn();
      const controllers = Array.from({ length: n }, () => new AbortController());
      for (const { signal } of controllers) manager.runTask(ignore, { signal }).catch(ignore);
      await turn();
      const cost = await work(() => {
        for (let i = 0; i < EVENTS; i++) middle(controllers, i).abort();
      });
      await manager.kill();
      return cost / EVENTS;
    },
    'lease': async (n) => {
      const { manager, free } = await busy();
      let held = 0;
      let isDone;
      const done = new Promise((resolve) => (isDone = resolve));
      for (let i = 0; i < n; i++)
        manager.lease().then((lease) => (++held < EVENTS ? lease.release() : isDone())).catch(ignore);
      await turn();
      const cost = await work(async () => {
        void free();
        await done;
      });
      await manager.kill();
      return cost / EVENTS;
    },
    'map': async (n) => {
      const { manager, free } = await busy();
      fill(manager, n);
      await turn();
      await free();
      const items = Array.from({ length: EVENTS }, (_, i) => i);
      let sum = 0;
      const cost = await work(async () => {
        for await (const item of manager.map(items, (item) => item, { priority: 1 })) sum += item;
      });
      await manager.kill();
      return cost / EVENTS;
    },
    'map, all at once': async (n) => {
      const manager = await start();
      const items = Array.from({ length: n }, (_, i) => i);
      let cost = 0;
      for (const ordered of [true, false]) {
        cost += await work(async () => {
          for await (const item of manager.map(items, (item) => item, { concurrency: n, ordered })) void item;
        });
      }
      await manager.kill();
      return cost / n;
    },
    'many maps that wait for room': async (n) => {
      const manager = await start({ maxQueueSize: 0 });
      const leases = await Promise.all([manager.lease(), manager.lease()]);
      const maps = Array.from({ length: n }, () => manager.map([1], (item) => item).next().catch(ignore));
      await turn();
      const cost = await work(async () => {
        for (const lease of leases) void lease.release();
        await Promise.all(maps);
      });
      await manager.kill();
      return cost / n;
    },
    'onSizeLessThan': (n) => all(n, {}, undefined, async ({ manager, free, n, prepared }) => {
      await free();
      await Promise.all(prepared);
    }, ({ manager, n }) => Array.from({ length: n }, (_, i) => manager.onSizeLessThan(i + 1))),
    'onSizeLessThan, many for the same size': (n) => all(n, {}, undefined, async ({ manager, free, prepared }) => {
      await free();
      await Promise.all(prepared);
    }, ({ manager, n }) => Array.from({ length: n }, () => manager.onSizeLessThan(n / 2).then(() => fill(manager, 1)))),
    'onIdle': (n) => all(n, {}, undefined, async ({ free, prepared }) => {
      await free();
      await Promise.all(prepared);
    }, ({ manager, n }) => Array.from({ length: n }, () => manager.onIdle())),
    'on, and off': async (n) => {
      const manager = await start();
      const cost = await work(() => {
        const off = Array.from({ length: n }, () => manager.on('completed', ignore));
        for (const one of off) one();
      });
      await manager.kill();
      return cost / n;
    },
    'stats': (n) => each(n, {}, few, ({ manager }) => manager.stats()),
    'metrics': (n) => each(n, {}, few, ({ manager }) => manager.metrics()),
    'pause and resume': (n) => each(n, {}, few, ({ manager }) => { manager.pause(); manager.resume(); }),
    'resize': (n) => each(n, {}, few, ({ manager, i }) => manager.resize({ maxWorkerCount: 3 + (i % 2) })),
    'recycle': async (n) => {
      const manager = await start();
      manager.pause();
      fill(manager, n, few);
      await turn();
      const cost = await work(() => manager.recycle());
      await manager.kill();
      return cost;
    },
    'stop': (n) => all(n, {}, few, async ({ manager, free }) => {
      const stopped = manager.stop();
      await free();
      await stopped;
    }),
    'kill': (n) => all(n, {}, few, ({ manager }) => manager.kill()),
    'kill, a priority each': (n) => all(n, {}, spread, ({ manager }) => manager.kill()),
    'cancel by id': async (n) => {
      let isKnown = false;
      const { manager } = await busy();
      const handles = fill(manager, n);
      await turn();
      manager.cancel('0'); // makes the index
      const cost = await work(async () => {
        for (let i = 0; i < EVENTS; i++) {
          isKnown = manager.cancel(middle(handles, i).id) || isKnown;
          await turn();
        }
      });
      if (!isKnown) throw new Error('no task was found');
      await manager.kill();
      return cost / EVENTS;
    },
    'queueTask after one was cancelled by its id': (n) => turnover(n, {}, undefined, ({ manager }) => manager.cancel('0')),
    'clear': (n) => all(n, {}, few, ({ manager }) => manager.clear()),
    'clear, a priority each': (n) => all(n, {}, spread, ({ manager }) => manager.clear()),
    'clear of half, a key each, with aging and a cap': (n) =>
      all(n, { aging: 10, keyConcurrency: 1 }, (i) => ({ ...keyed(i), name: 'n' + (i % 2) }), ({ manager }) => manager.clear({ name: 'n1' })),
    'kill, a key each, with aging and a cap': (n) => all(n, { aging: 10, keyConcurrency: 1 }, keyed, ({ manager }) => manager.kill()),
    'kill of those that run in temporary resources': async (n) => {
      const manager = await start();
      for (let i = 0; i < n; i++) manager.runTask(() => new Promise(ignore)).catch(ignore);
      await turn();
      await turn();
      const cost = await work(() => manager.kill());
      return cost / n;
    },
    'a signal of all': async (n) => {
      const controller = new AbortController();
      const { signal } = controller;
      return all(n, {}, (i) => ({ ...few(i), signal }), async () => {
        controller.abort();
        await turn();
      });
    },
    'a signal of one': async (n) => {
      const controllers = Array.from({ length: n }, () => new AbortController());
      return each(n, {}, (i) => ({ ...spread(i), signal: controllers[i]?.signal }), ({ i }) => middle(controllers, i).abort());
    },
    'queueTimeout': (n) => all(n, {}, (i) => ({ ...few(i), queueTimeout: 10 + (i % 50) }), () => clock.advance(100)),
    'deadline': (n) => all(n, {}, (i) => ({ ...spread(i), deadline: 10 + (i % 50) }), () => clock.advance(100)),
    'the failure of every worker, a priority each': async (n) => {
      let fails = false;
      const manager = await start({
        onCreate: () => { if (fails) throw sick; return {}; },
        checkHealth: () => false,
        createBackoff: () => 10,
        maxRetries: 0,
      });
      fails = true;
      manager.pause();
      const handles = fill(manager, n, spread);
      void manager.queueTask(() => { throw sick; }, { priority: 1e6 }).catch(ignore);
      void manager.queueTask(() => { throw sick; }, { priority: 1e6 }).catch(ignore);
      await turn();
      manager.resume();
      const cost = await work(async () => {
        await clock.advance(200);
        await Promise.allSettled(handles.map(({ result }) => result));
      });
      await manager.kill();
      return cost / n;
    },
  };

  const [small, large] = [${SMALL}, ${LARGE}];
  for (const [name, play] of Object.entries(scenarios)) {
    const began = performance.now();
    const costs = [await play(small), await play(large)];
    console.log(JSON.stringify({ name, costs, ms: performance.now() - began }));
  }
`;

const run = children();

describe('the work for an event', () => {
  const costs = new Map<string, [number, number]>();

  beforeAll(async () => {
    const { code, lines, stderr } = await run(SCRIPT);
    for (const line of lines) {
      const { name, costs: both } = JSON.parse(line) as { name: string; costs: [number, number] };
      costs.set(name, both);
    }
    expect([code, stderr]).toEqual([0, '']);
  }, 600_000);

  it(`grows by no more than log n while ${LARGE} wait instead of ${SMALL}, whatever the operation`, () => {
    const growth = [...costs].map(([name, [small, large]]) => ({ name, small, large, growth: large / small }));
    expect(growth.length).toBeGreaterThan(50);
    expect(growth.filter(({ growth }) => !(growth < LIMIT))).toEqual([]);
  });
});
