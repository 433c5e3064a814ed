import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { SHARE_ENV } from 'node:worker_threads';
import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type { Thread } from 'tasker/threads';
import { afterAll, describe, expect, it } from 'vitest';
import { hooksOf, HOSTS } from './support.ts';
import type { Host, HostOptions } from './support.ts';
import { decodeThrown, encodeThrown, simplify } from '../../src/threads/error-codec.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tasker-threads-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a module and returns its address. */
function module(name: string, code: string): URL {
  const file = join(folder, name);
  writeFileSync(file, code);
  return pathToFileURL(file);
}

type Any = Record<string, (...args: unknown[]) => unknown>;

/** Has `use` use a thread, or a process, of a module, and ends it. */
async function withThread<T>(
  host: Host,
  address: URL,
  use: (thread: Thread<Any>) => Promise<T>,
  options: HostOptions<Any> = {},
): Promise<T> {
  const { onCreate, onDestroy } = hooksOf<Any>(host, address, options);
  const thread = await onCreate({ signal: new AbortController().signal, invalidate: () => {} });
  try {
    return await use(thread);
  } finally {
    await onDestroy(thread, 'shutdown');
  }
}

/** Runs a program with the built package, and returns what it prints and its code. */
async function program(host: Host, code: string, ...flags: string[]): Promise<{ stdout: string; code: number }> {
  const maker = host === 'in a thread' ? 'threads' : 'processes';
  const prelude = `import { ${maker} as make } from 'tasker/threads';\n`;
  const args = [...flags, '--input-type=module', '--eval', prelude + code];
  try {
    const { stdout } = await run(process.execPath, args, { cwd: repository, timeout: 60_000 });
    return { stdout, code: 0 };
  } catch (error) {
    const { stdout, code: status } = error as { stdout: string; code: number };
    return { stdout, code: status };
  }
}

const there = (thrown: unknown): unknown => decodeThrown(structuredClone(simplify(encodeThrown(thrown))));

describe('an error on its way between two threads', () => {
  it('may know itself in a circle, of causes, of members or of both', () => {
    const circle = new Error('circle', { cause: undefined });
    circle.cause = circle;
    expect(there(circle)).toMatchObject({ message: 'circle' });

    const members = Array.from({ length: 6 }, (_, n) => new Error(`member ${n}`));
    const all = new AggregateError(members, 'all');
    for (const member of members) member.cause = all;
    const arrived = there(all) as AggregateError;
    expect(arrived.errors.map(({ message }: Error) => message)).toEqual(members.map(({ message }) => message));

    let tree: Error = new Error('leaf');
    for (let i = 0; i < 30; i++) tree = new AggregateError([tree, tree], `level ${i}`);
    expect((there(tree) as Error).message).toBe('level 29'); // 2 ** 30 errors, of which a few are enough
  });

  it('keeps message and code although one of its fields cannot be read, or its name is a symbol', () => {
    const broken = Object.assign(new Error('the message'), { code: 'E_CODE', name: Symbol('odd') });
    Object.defineProperty(broken, 'secret', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(there(broken)).toMatchObject({ message: 'the message', code: 'E_CODE', name: 'Symbol(odd)' });
  });

  it('keeps class and code of errors among its fields', () => {
    const inner = Object.assign(new RangeError('inner'), { code: 'E_INNER' });
    const outer = there(Object.assign(new Error('outer'), { reason: inner, plain: [1] })) as Error & { reason: Error };
    expect(outer.reason).toBeInstanceOf(RangeError);
    expect(outer).toMatchObject({ plain: [1], reason: { message: 'inner', code: 'E_INNER' } });
  });

  it('arrives with class and message from another realm', () => {
    for (const code of [
      'new TypeError("foreign")',
      'Object.assign(new AggregateError([new RangeError("one")], "foreign"))',
    ]) {
      const error = runInNewContext(code) as Error;
      const arrived = there(error) as Error;
      expect([arrived.message, arrived.name]).toEqual(['foreign', error.name]);
      expect(arrived).toBeInstanceOf(Error);
    }
  });
});

describe.each(HOSTS)('a module, %s', (host) => {
  it('of CommonJS has its functions and hooks in its default export', async () => {
    const address = module(
      'common.cjs',
      `const own = { hash: (text) => 'hashed ' + text, onCreate: () => 'state', seen() { return this.state; } };
       module.exports = { ...own };`,
    );
    expect(
      await withThread(host, address, async (thread) => [await thread.run('hash', 'a'), await thread.run('seen')]),
    ).toEqual(['hashed a', 'state']);
  });

  it('may export an object by default; what it exports by name wins', async () => {
    const address = module(
      'default.mjs',
      `export default { hash: () => 'default', both: () => 1 }; export const both = () => 2;`,
    );
    expect(
      await withThread(host, address, async (thread) => [await thread.run('hash'), await thread.run('both')]),
    ).toEqual(['default', 2]);
  });

  it('with a syntax error is named by the error', async () => {
    const address = module('wrong.mjs', 'export const hash = (;');
    await expect(withThread(host, address, async () => {})).rejects.toThrow(/wrong\.mjs/);
  });
});

describe.each(HOSTS)('options, %s', (host) => {
  it('the wrong variable of env is named', () => {
    const env = { GOOD: 'a', PORT: 5432 as unknown as string };
    expect(() => hooksOf(host, 'file:///env.mjs', { env })).toThrow('env.PORT must be a string, got 5432');
    const symbol = { env: Symbol('other') } as object;
    expect(() => hooksOf(host, 'file:///env.mjs', symbol)).toThrow('env must be an object of strings');
  });

  it('arguments of the process that a thread does not take do not keep it from starting', async () => {
    const address = module('add.mjs', 'export const add = (a, b) => a + b;');
    const code = `
      const hooks = make(${JSON.stringify(address.href)});
      const thread = await hooks.onCreate({ signal: new AbortController().signal, invalidate: () => {} });
      console.log(await thread.run('add', 1, 2));
      await hooks.onDestroy(thread, 'shutdown');
    `;
    const flags = ['--max-old-space-size=200', '--expose-gc', '--title=mine', '--no-warnings'];
    expect(await program(host, code, ...flags)).toEqual({ stdout: '3\n', code: 0 });
  });
});

describe('the environment', () => {
  it('is shared with a thread if SHARE_ENV says so', async () => {
    const address = module('env.mjs', `export const set = (value) => { process.env.TASKER_SHARED = value; };`);
    const { onCreate, onDestroy } = threads<Any>(address, { env: SHARE_ENV });
    const thread = await onCreate({ signal: new AbortController().signal, invalidate: () => {} });
    await thread.run('set', 'yes');
    expect(process.env['TASKER_SHARED']).toBe('yes');
    await onDestroy(thread, 'shutdown');
  });
});

describe.each(HOSTS)('calls, %s', (host) => {
  it('of callbacks run in the async context of the call', async () => {
    const address = module('call.mjs', `export const each = async (fn) => { await fn(1); return 'done'; };`);
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    await withThread(host, address, (thread) =>
      store.run('request 7', () => thread.call('each', [() => void seen.push(store.getStore())])),
    );
    expect(seen).toEqual(['request 7']);
  });

  it('may move two views of one buffer', async () => {
    const address = module('sizes.mjs', `export const sizes = (a, b) => [a.byteLength, b.byteLength];`);
    const { move } = await import('tasker/threads');
    const buffer = new ArrayBuffer(16);
    const [a, b] = [new Uint8Array(buffer, 0, 4), new Uint8Array(buffer, 8)];
    expect(await withThread(host, address, (thread) => thread.call('sizes', [move(a), move(b)]))).toEqual([4, 8]);
  });

  it('a short one that was sent before a long one in the same turn is answered first', async () => {
    const address = module(
      'long.mjs',
      `export const short = async () => 'short';
       export const long = () => { const end = performance.now() + 300; while (performance.now() < end); return 'long'; };`,
    );
    const log: [unknown, boolean][] = [];
    await withThread(host, address, async (thread) => {
      for (let i = 0; i < 2; i++) {
        const at = performance.now();
        const note = (value: unknown): number => log.push([value, performance.now() - at < 250]);
        await Promise.all([
          thread.run('short').then(note),
          thread.run('long').then(note),
          thread.run('short').then(note),
        ]);
      }
    });
    expect(log.filter(([value]) => value === 'short').length).toBe(4);
    expect(log[0]).toEqual(['short', true]);
  });
});

describe.each(HOSTS)('a process, %s', (host) => {
  it('is not kept alive by a stream that its consumer has forgotten, but by one that is awaited', async () => {
    const address = module(
      'counts.mjs',
      `export async function* count() { for (let i = 0; ; i++) { yield i; if (i === 3) await new Promise((go) => setTimeout(go, 50)); } }`,
    );
    const code = `
      const hooks = make(${JSON.stringify(address.href)});
      const thread = await hooks.onCreate({ signal: new AbortController().signal, invalidate: () => {} });
      const stream = thread.stream('count', []);
      for (let i = 0; i < 6; i++) console.log((await stream.next()).value);
    `;
    expect(await program(host, code)).toEqual({ stdout: '0\n1\n2\n3\n4\n5\n', code: 0 });
  });
});

describe.each(HOSTS)('what was said before the end arrives, %s:', (host) => {
  it('results and items before process.exit()', async () => {
    const address = module(
      'exits.mjs',
      `export const add = (a, b) => { if (a === 3) queueMicrotask(() => process.exit(0)); return a + b; };`,
    );
    const { onCreate } = hooksOf<Any>(host, address);
    const thread = await onCreate({ signal: new AbortController().signal, invalidate: () => {} });
    expect(await Promise.all([thread.run('add', 1, 1), thread.run('add', 3, 1)])).toEqual([2, 4]);
  });

  it('lines printed in onDestroy', async () => {
    const address = module(
      'prints.mjs',
      `export const noop = () => 1; export const onDestroy = () => { for (let i = 0; i < 200; i++) console.log('line ' + i); };`,
    );
    const chunks: string[] = [];
    await withThread(host, address, (thread) => thread.run('noop') as Promise<number>, {
      stdout: (chunk) => void chunks.push(chunk),
    });
    expect(chunks.join('').trim().split('\n').length).toBe(200);
  });

  it('lines printed by a call before the program ends by itself', async () => {
    const address = module(
      'prints-much.mjs',
      `export const print = (lines) => { for (let i = 0; i < lines; i++) console.log('line ' + i); };
       export const fail = (lines) => { print(lines); throw new Error('enough'); };`,
    );
    const code = `
      const hooks = make(${JSON.stringify(address.href)});
      const thread = await hooks.onCreate({ signal: new AbortController().signal, invalidate: () => {} });
      await thread.run('print', 1000);
      await thread.run('fail', 1000).catch(() => {});
    `;
    const { stdout, code: status } = await program(host, code);
    expect([stdout.split('\n').length - 1, status]).toEqual([2_000, 0]);
  });

  it('that onDestroy ended the thread itself, or failed outside, is reported', async () => {
    for (const [name, code] of [
      ['ends.mjs', `export const noop = () => 1; export const onDestroy = () => process.exit(3);`],
      [
        'throws.mjs',
        `export const noop = () => 1; export const onDestroy = () => new Promise(() => setTimeout(() => { throw new Error('late'); }, 1));`,
      ],
    ] as const) {
      const errors: string[] = [];
      const manager = await createTaskManager({
        ...hooksOf<Any>(host, module(name, code)),
        workerCount: 1,
        resourcePoolSize: 0,
      });
      manager.on('error', ({ source, error }) => errors.push(`${source}: ${(error as Error).message}`));
      await manager.stop();
      expect(errors).toEqual([
        expect.stringMatching(/^onDestroy: the (thread|process of \S+) (exited|was ended|failed)/),
      ]);
    }
  });
});
