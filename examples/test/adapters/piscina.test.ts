import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { move, Piscina } from '../../adapters/piscina.ts';
import type { PiscinaOptions } from '../../adapters/piscina.ts';

const WORKERS = {
  'double.mjs': `export default (n) => 2 * n;`,
  'double.cjs': `module.exports = (n) => 2 * n;`,
  'later.cjs': `module.exports = Promise.resolve(async (n) => 2 * n);`,
  'named.mjs': `export default () => 'default'; export const a = () => 'a'; export const b = async () => 'b';`,
  'named.cjs': `module.exports = () => 'default'; module.exports['a'] = () => 'a'; Object.assign(module.exports, { b: () => 'b' });`,
  'fail.mjs': `export default (how) => { if (how === 'exit') process.exit(3); throw new TypeError('cannot ' + how); };`,
  'context.mjs': `import { workerData } from 'node:worker_threads';
    export default () => ({ workerData, env: process.env.COLOUR, execArgv: process.execArgv });`,
  // Waits until somebody sets the first number to 1; says in the second that it has begun.
  'wait.mjs': `export default (numbers) => {
    Atomics.store(numbers, 1, 1);
    Atomics.notify(numbers, 1);
    Atomics.wait(numbers, 0, 0);
    return 'done';
  };`,
  'bytes.mjs': `export default (bytes) => bytes.byteLength;`,
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tasker-piscina-'));
  for (const [name, code] of Object.entries(WORKERS)) await writeFile(join(folder, name), code);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = (name: keyof typeof WORKERS): string => join(folder, name);

/** Ends with the test. */
function makePool(name: keyof typeof WORKERS | undefined, options: PiscinaOptions = {}) {
  const filename = name === undefined ? null : file(name);
  const pool = new Piscina({ filename, minThreads: 1, maxThreads: 2, ...options });
  onTestFinished(() => pool.destroy());
  return pool;
}

/** A task of `wait.mjs`, to be let go on. */
function gate() {
  const numbers = new Int32Array(new SharedArrayBuffer(8));
  const open = (): void => {
    Atomics.store(numbers, 0, 1);
    Atomics.notify(numbers, 0);
  };
  return { numbers, open, begun: () => Atomics.load(numbers, 1) === 1 };
}

describe('run', () => {
  it.each(['double.mjs', 'double.cjs', 'later.cjs'] as const)('calls what %s exports', async (name) => {
    expect(await makePool(name).run(21)).toBe(42);
  });

  it('takes a path or a file: address, of the pool or of the task', async () => {
    const pool = makePool(undefined);
    await expect(pool.run(1)).rejects.toThrow('filename must be given');
    expect(await pool.run(1, { filename: file('double.mjs') })).toBe(2);
    expect(await pool.run(2, { filename: pathToFileURL(file('double.cjs')).href })).toBe(4);
  });

  it.each(['named.mjs', 'named.cjs'] as const)(
    'calls an export of %s by name, of the pool or of the task',
    async (name) => {
      const pool = makePool(name, { name: 'b' });
      expect(await Promise.all([pool.run(0), pool.run(0, { name: 'a' }), pool.run(0, { name: 'default' })])).toEqual([
        'b',
        'a',
        'default',
      ]);
      await expect(pool.run(0, { name: 'c' })).rejects.toThrow('no function c');
    },
  );

  it('gives the threads workerData, env and execArgv', async () => {
    const pool = makePool('context.mjs', {
      workerData: { colours: ['red'] },
      env: { COLOUR: 'blue' },
      execArgv: ['--no-warnings'],
    });
    expect(await pool.run(0)).toEqual({ workerData: { colours: ['red'] }, env: 'blue', execArgv: ['--no-warnings'] });
  });

  it('rejects with what the function throws, and the thread goes on', async () => {
    const pool = makePool('fail.mjs', { maxThreads: 1 });
    await expect(pool.run('fly')).rejects.toThrow(new TypeError('cannot fly'));
    await expect(pool.run(Symbol('no clone'))).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    expect(await pool.run(4, { filename: file('double.mjs') })).toBe(8);
  });

  it('rejects once when the thread ends, and another one takes its place', async () => {
    const pool = makePool('fail.mjs', { maxThreads: 1 });
    await expect(pool.run('exit')).rejects.toMatchObject({ code: 'THREAD_EXITED' });
    expect(await pool.run(4, { filename: file('double.mjs') })).toBe(8);
  });

  it('moves what is in the transferList, or marked by move()', async () => {
    const pool = makePool('bytes.mjs');
    const [first, second, third] = [new Uint8Array(10), new Uint8Array(20), new Uint8Array(30)];
    expect(await pool.run(first, { transferList: [first.buffer] })).toBe(10);
    expect(await pool.run(move(second))).toBe(20);
    expect(await pool.run(third)).toBe(30);
    expect([first.length, second.length, third.length]).toEqual([0, 0, 30]);
  });
});

describe('threads and queue', () => {
  it('are minThreads at first, and maxThreads under load', async () => {
    const pool = makePool('wait.mjs', { minThreads: 1, maxThreads: 3 });
    const gates = Array.from({ length: 5 }, gate);
    const all = gates.map(({ numbers }) => pool.run(numbers));
    expect(pool.queueSize).toBe(2);
    await expect.poll(() => gates.filter(({ begun }) => begun()).length).toBe(3);
    expect(pool.threadsUsed).toBe(3);
    for (const { open } of gates) open();
    expect(await Promise.all(all)).toEqual(Array.from({ length: 5 }, () => 'done'));
    expect([pool.queueSize, pool.completed]).toEqual([0, 5]);
    await expect.poll(() => pool.threadsUsed).toBe(1);
  });

  it('tell when nothing waits any more', async () => {
    const pool = makePool('double.mjs', { maxThreads: 1 });
    let drains = 0;
    pool.on('drain', () => drains++);
    await pool.run(1);
    expect(drains).toBe(0);
    await Promise.all([pool.run(1), pool.run(2), pool.run(3)]);
    expect(drains).toBe(1);
  });

  it('refuse what is beyond maxQueue', async () => {
    const pool = makePool('wait.mjs', { maxThreads: 1, maxQueue: 1 });
    const [running, waiting] = [gate(), gate()];
    const all = [pool.run(running.numbers)];
    await expect.poll(running.begun).toBe(true);
    all.push(pool.run(waiting.numbers));
    await expect(pool.run(gate().numbers)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    running.open();
    waiting.open();
    await Promise.all(all);
  });

  it('share a thread with concurrentTasksPerWorker', async () => {
    const pool = makePool('double.mjs', { maxThreads: 1, concurrentTasksPerWorker: 4 });
    const all = [1, 2, 3, 4, 5].map((n) => pool.run(n));
    expect(pool.queueSize).toBe(1);
    expect(await Promise.all(all)).toEqual([2, 4, 6, 8, 10]);
    expect(pool.threadsUsed).toBe(1);
  });

  it('make no thread before the first task with minThreads 0', async () => {
    const pool = makePool('double.mjs', { minThreads: 0 });
    expect(pool.threadsUsed).toBe(0);
    expect(await pool.run(1)).toBe(2);
    await expect.poll(() => pool.threadsUsed).toBe(0); // idleTimeout is 0
  });

  it('count the time that was spent on tasks', async () => {
    const pool = makePool('double.mjs');
    expect(pool.utilization).toBe(0);
    await Promise.all([1, 2, 3].map((n) => pool.run(n)));
    expect(pool.utilization).toBeGreaterThan(0);
    expect(pool.utilization).toBeLessThanOrEqual(1);
    expect(pool.duration).toBeGreaterThan(0);
  });
});

describe('signals', () => {
  it('end a task that runs, and its thread with it', async () => {
    const pool = makePool('wait.mjs', { maxThreads: 1 });
    const { numbers, begun } = gate();
    const controller = new AbortController();
    const aborted = pool.run(numbers, { signal: controller.signal });
    await expect.poll(begun).toBe(true);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect(await pool.run(3, { filename: file('double.mjs') })).toBe(6); // though nobody has opened the gate
  });

  it('take what waits out of the queue', async () => {
    const pool = makePool('wait.mjs', { maxThreads: 1 });
    const [running, waiting] = [gate(), gate()];
    const first = pool.run(running.numbers);
    const controller = new AbortController();
    const aborted = pool.run(waiting.numbers, { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    running.open();
    expect(await first).toBe('done');
    expect(waiting.begun()).toBe(false);
  });

  it('that have aborted reject at once, and nothing is moved', async () => {
    const pool = makePool('bytes.mjs');
    const bytes = new Uint8Array(4);
    const run = pool.run(bytes, { signal: AbortSignal.abort(), transferList: [bytes.buffer] });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(bytes.length).toBe(4);
  });
});

describe('close and destroy', () => {
  it('finish what was accepted', async () => {
    const pool = makePool('double.mjs', { maxThreads: 1 });
    const all = Promise.all([1, 2, 3].map((n) => pool.run(n)));
    await pool.close();
    expect(await all).toEqual([2, 4, 6]);
    expect(pool.threadsUsed).toBe(0);
    await expect(pool.run(1)).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('with force finish only what runs', async () => {
    const pool = makePool('wait.mjs', { maxThreads: 1 });
    const [running, waiting] = [gate(), gate()];
    const first = pool.run(running.numbers);
    await expect.poll(running.begun).toBe(true);
    const second = pool.run(waiting.numbers);
    const closed = pool.close({ force: true });
    await expect(second).rejects.toMatchObject({ code: 'DROPPED' });
    running.open();
    expect(await first).toBe('done');
    await closed;
    expect(waiting.begun()).toBe(false);
  });

  it('end by force after closeTimeout', async () => {
    const pool = makePool('wait.mjs', { maxThreads: 1, closeTimeout: 20 });
    const { numbers, begun } = gate();
    const stuck = pool.run(numbers);
    const rejected = expect(stuck).rejects.toMatchObject({ code: 'KILLED' });
    await expect.poll(begun).toBe(true);
    await pool.close();
    await rejected;
  });

  it('reject all at once with destroy()', async () => {
    const pool = makePool('wait.mjs', { maxThreads: 1 });
    const [running, waiting] = [gate(), gate()];
    const all = [running, waiting].map(({ numbers }) => pool.run(numbers));
    const rejected = Promise.all(all.map((run) => expect(run).rejects.toMatchObject({ code: 'KILLED' })));
    await expect.poll(running.begun).toBe(true);
    await pool.destroy();
    await rejected;
    expect(pool.threadsUsed).toBe(0);
  });
});
