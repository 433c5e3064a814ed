import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROFILER } from '../support/profiler.ts';

/**
 * How far a task goes through the house, counted in the built package on a clock that stands still: the same on any machine in any
 * mood. How long it takes is for the benchmarks to show. The limits are what it takes today, to a tenth; they fall, and do not grow.
 * What the caller does itself, its function and its reaction to the result, is not counted.
 */
interface Way {
  /** Of functions of ours, by the engine's own counts. */
  readonly calls: number;
  /** In which these functions are. */
  readonly files: number;
  /** That are made, its result included. */
  readonly promises: number;
  /** To promises, that run: microtasks. */
  readonly reactions: number;
  /** Of microtasks between the end of the function and the settlement of the result: the most for any task. */
  readonly rounds: number;
  /** Of the clock. */
  readonly readings: number;
  /** That are armed, for all the tasks together. */
  readonly timers: number;
}

/** Per task. In a loop 64 clients each submit their next task when they have their result; in a burst all are submitted at once. */
const WAYS: [name: string, how: string, limits: Way][] = [
  [
    'a sync task in a loop',
    `loop, 'queueTask', sync`,
    { calls: 66, files: 22, promises: 1, reactions: 1, rounds: 0, readings: 3, timers: 0 },
  ],
  [
    'an async task in a loop',
    `loop, 'queueTask', soon`,
    { calls: 39, files: 16, promises: 2, reactions: 2, rounds: 1, readings: 2, timers: 0 },
  ],
  [
    'a sync task in a burst',
    `burst, 'queueTask', sync`,
    { calls: 66, files: 22, promises: 1, reactions: 1, rounds: 0, readings: 2.1, timers: 0 },
  ],
  [
    'an async task in a burst',
    `burst, 'queueTask', soon`,
    { calls: 40, files: 16, promises: 2, reactions: 2, rounds: 1, readings: 1.1, timers: 0 },
  ],
  [
    'a sync function of runTask',
    `loop, 'runTask', sync`,
    { calls: 81, files: 22, promises: 1, reactions: 1, rounds: 0, readings: 3, timers: 0 },
  ],
  [
    'an async function of runTask',
    `loop, 'runTask', soon`,
    { calls: 79, files: 22, promises: 2, reactions: 2, rounds: 1, readings: 3, timers: 0 },
  ],
];

/** Bytes of the heap that a waiting task holds, its result included, up to the next ten: versions of Node differ by a word. */
const BYTES: [name: string, how: string, limit: number][] = [
  ['queueTask', `'queueTask'`, 410],
  ['queueTask without its async context', `'queueTask', { asyncContext: false }`, 410],
  ['runTask', `'runTask'`, 430],
];

/** Functions of ours that run when an idle manager stops. */
const FUNCTIONS_OF_A_STOP = 65;

const PROGRAM = `${PROFILER}
  import { createHook } from 'node:async_hooks';

  post('Profiler.startPreciseCoverage', { callCount: true, detailed: false }); // before the package is compiled
  const { createTaskManager } = await import('tasker');

  /** The named functions that have run since the last look: how often each, and in which file. */
  const take = () =>
    post('Profiler.takePreciseCoverage')
      .result.filter(({ url }) => url.includes('/tasker/dist/'))
      .flatMap(({ url, functions }) =>
        functions
          .filter(({ functionName }) => functionName !== '')
          .map(({ ranges }) => ({ url, count: ranges[0].count }))
          .filter(({ count }) => count > 0),
      );

  const CLIENTS = 64;
  const TASKS = CLIENTS * 100;
  let readings = 0;
  let timers = 0;
  const clock = { now: () => (readings++, 0), setTimeout: () => (timers++, {}), clearTimeout: () => {} };
  const start = (config) => createTaskManager({ workerCount: 2, resourcePoolSize: CLIENTS, checkHealth: () => true, ...config });

  const loop = (submit) => new Promise((resolve) => {
    let left = TASKS;
    let clients = CLIENTS;
    const next = () => {
      if (left-- > 0) submit(next);
      else if (--clients === 0) resolve();
    };
    for (let i = 0; i < CLIENTS; i++) next();
  });
  const burst = (submit) => new Promise((resolve) => {
    let left = TASKS;
    const done = () => { if (--left === 0) resolve(); };
    for (let i = 0; i < TASKS; i++) submit(done);
  });

  const sync = () => 1;
  const soon = async () => 1;

  async function way(play, method, task) {
    const manager = await start({ clock });
    const run = () => play((next) => void manager[method](task).then(next));
    await run();
    take();
    readings = timers = 0;
    await run();
    const often = take().filter(({ count }) => count >= TASKS / 4);
    const counts = {
      calls: often.reduce((sum, { count }) => sum + count, 0) / TASKS,
      files: new Set(often.map(({ url }) => url)).size,
      readings: readings / TASKS,
      timers,
    };

    let promises = 0;
    let reactions = 0;
    const hook = createHook({
      init: (_, type) => void (type === 'PROMISE' && promises++),
      before: () => void reactions++,
    }).enable();
    await run();
    hook.disable();
    promises -= task === soon ? 2 * TASKS : TASKS; // the function's, and that of then()
    reactions -= TASKS;

    let rounds = 0;
    const inMicrotask = (fn) => void Promise.resolve().then(fn);
    await play((next) => {
      let passed = -1; // the reaction to the settlement is a round of its own
      let isSettled = false;
      const pass = () => {
        if (isSettled) return;
        passed++;
        inMicrotask(pass);
      };
      const timed = task === soon ? async () => inMicrotask(pass) : () => inMicrotask(pass);
      void manager[method](timed).then(() => {
        isSettled = true;
        rounds = Math.max(rounds, passed);
        next();
      });
    });
    await manager.kill();
    return { ...counts, promises: promises / TASKS, reactions: reactions / TASKS, rounds };
  }

  async function bytes(method, config = {}) {
    const manager = await start({ resourcePoolSize: 1, maxTemporaryResources: 0, ...config });
    let free;
    const held = new Promise((resolve) => (free = resolve));
    const results = [manager.runTask(() => held)];
    manager.pause();
    const submit = (count) => { for (let i = 0; i < count; i++) results.push(manager[method](sync)); };
    submit(20_000);
    gc();
    const before = process.memoryUsage().heapUsed;
    submit(100_000);
    gc();
    const used = process.memoryUsage().heapUsed - before;
    free();
    manager.resume();
    await Promise.all(results);
    await manager.stop();
    return used / 100_000;
  }

  async function stop() {
    const manager = await createTaskManager({ workerCount: 2, resourcePoolSize: 0, checkHealth: () => true });
    await manager.queueTask(async () => 1);
    await new Promise((resolve) => setTimeout(resolve, 300)); // until the tick has nothing to decide
    take();
    await manager.stop();
    return take().length;
  }

  console.log(JSON.stringify({
    ways: [${WAYS.map(([, how]) => `await way(${how})`).join(', ')}],
    bytes: [${BYTES.map(([, how]) => `await bytes(${how})`).join(', ')}],
    stop: await stop(),
  }));
`;

describe('the way', () => {
  let counted: { ways: Way[]; bytes: number[]; stop: number };

  beforeAll(() => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '--eval', PROGRAM], {
      cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    counted = JSON.parse(stdout) as typeof counted;
  });

  it.each(WAYS.map(([name, , limits], i) => ({ name, limits, i })))(
    'of $name is no longer than before',
    ({ limits, i }) => {
      const way = counted.ways[i] as Way;
      expect(way.calls).toBeGreaterThan(10);
      expect(way.promises).toBeGreaterThanOrEqual(1);
      const longer = (Object.keys(limits) as (keyof Way)[]).filter(
        (what) => !(Math.round(way[what] * 10) / 10 <= limits[what]),
      );
      expect(longer.map((what) => `${what}: ${way[what]} instead of ${limits[what]}`)).toEqual([]);
    },
  );

  it.each(BYTES.map(([name, , limit], i) => ({ name, limit, i })))(
    'of a task that waits for $name takes no more bytes than before',
    ({ limit, i }) => {
      expect(counted.bytes[i]).toBeGreaterThan(100);
      expect(counted.bytes[i]).toBeLessThanOrEqual(limit);
    },
  );

  it('of the stop of an idle manager is no longer than before', () => {
    expect(counted.stop).toBeGreaterThan(5);
    expect(counted.stop).toBeLessThanOrEqual(FUNCTIONS_OF_A_STOP);
  });
});
