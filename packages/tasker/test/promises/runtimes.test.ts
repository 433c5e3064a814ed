import { readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';
import type { Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

let code = '';
let metafile: Metafile;

beforeAll(async () => {
  const result = await build({
    entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    globalName: 'tasker',
    platform: 'neutral',
    target: 'es2022',
    external: [...builtinModules, 'node:*'],
    write: false,
    metafile: true,
  });
  code = result.outputFiles[0]?.text ?? '';
  metafile = result.metafile;
});

/** What Bun, Deno and every browser have, and nothing more: no process, no Buffer, no setImmediate, no require. */
const WEB = {
  AbortController,
  AbortSignal,
  DOMException,
  Event,
  EventTarget,
  clearInterval: (id: number): void => clearInterval(id),
  clearTimeout: (id: number): void => clearTimeout(id),
  console,
  performance: { now: (): number => performance.now() },
  queueMicrotask,
  /** Timers of a browser are numbers: nothing to ref or unref. */
  setInterval: (fn: () => void, ms: number): number => Number(setInterval(fn, ms)),
  setTimeout: (fn: () => void, ms: number): number => Number(setTimeout(fn, ms)),
};

const PROGRAM = `
  (async () => {
    const log = [];
    let made = 0;
    const manager = await tasker.createTaskManager({
      workerCount: 2, maxWorkerCount: 4, targetWait: 0, resourcePoolSize: 1, abandonAfter: 1,
      onCreate: () => ({ id: ++made }),
      onDestroy: (resource) => { resource.gone = true; },
      checkHealth: (error) => error.message !== 'sick',
    });
    manager.on('stopped', () => log.push('stopped'));
    log.push(await manager.queueTask(() => 'queued'));
    log.push(await manager.runTask(async () => 'direct'));
    log.push(await manager.queueTask((_, context) => {
      if (context.attempt === 1) throw new Error('sick');
      return 'retried';
    }));
    const timedOut = manager.queueTask((_, { signal }) => new Promise(() => {}), { timeout: 1 });
    log.push(await timedOut.catch((error) => error.code));
    const controller = new AbortController();
    const cancelled = manager.queueTask(() => new Promise(() => {}), { signal: controller.signal });
    controller.abort('cancelled');
    log.push(await cancelled.catch((reason) => reason));
    const many = await Promise.all(Array.from({ length: 100 }, (_, i) => manager.queueTask(() => i)));
    log.push(many.length);
    await manager.stop();
    log.push(manager.stats().state);
    return log;
  })()
`;

describe('the core', () => {
  it('imports no node:* module, and nothing else either', () => {
    expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
    expect(Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external))).toEqual(
      [],
    );
  });

  it('runs where there is nothing but what a browser has', async () => {
    const context = vm.createContext({ ...WEB });
    vm.runInContext(`${code}; globalThis.tasker = tasker;`, context);
    const log = (await vm.runInContext(PROGRAM, context)) as unknown[];
    expect([...log]).toEqual(['queued', 'direct', 'retried', 'TIMEOUT', 'cancelled', 100, 'stopped', 'stopped']);
  });

  it('runs where `process` is a stub, as bundlers make it', async () => {
    const context = vm.createContext({ ...WEB, process: { env: {} } });
    vm.runInContext(`${code}; globalThis.tasker = tasker;`, context);
    const log = (await vm.runInContext(PROGRAM, context)) as unknown[];
    expect(log.length).toBe(8);
  });

  it('asks the runtime for modules by process.getBuiltinModule at most', async () => {
    const sources = await Promise.all(Object.keys(metafile.inputs).map((file) => readFile(file, 'utf8')));
    const text = sources.join('\n').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    expect(text).not.toMatch(/\brequire\s*\(|\bimport\s*\(|createRequire/);
  });
});
