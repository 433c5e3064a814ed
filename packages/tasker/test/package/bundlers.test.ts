import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrangerProject } from './stranger-project.ts';

/** Programs with threads, as those who bundle write them. */
const FILES: Record<string, string> = {
  'heavy.ts': `
    import type { ThreadCall } from 'tasker/threads';
    export const onCreate = (factor: number): { factor: number } => ({ factor });
    export function times(this: ThreadCall<{ factor: number }>, n: number): number { return n * this.state.factor; }
    export async function each(values: number[], tell: (n: number) => void): Promise<string> {
      for (const value of values) await tell(value);
      return 'told';
    }
    export function* count(n: number): Generator<number> { for (let i = 0; i < n; i++) yield i; }
  `,
  'heavy.worker.ts': `
    import { serve } from 'tasker/threads';
    import * as heavy from './heavy.ts';
    serve(heavy);
  `,
  'use.ts': `
    import { createTaskManager } from 'tasker';
    import { threads } from 'tasker/threads';
    import type { ThreadWorker } from 'tasker/threads';
    export async function use(make: () => ThreadWorker): Promise<string> {
      const hooks = threads<typeof import('./heavy.ts')>(make, { data: 3 });
      const manager = await createTaskManager({ ...hooks, workerCount: 2, resourcePoolSize: 0 });
      const told: number[] = [];
      const result = await manager.queueTask(async (thread) => {
        const times = await thread.run('times', 14);
        const words = await thread.call('each', [[1, 2], (n: number) => void told.push(n)]);
        const counted: unknown[] = [];
        for await (const n of thread.stream('count', [3])) counted.push(n);
        return [times, words, counted.join('')].join(' ');
      });
      await manager.stop();
      return result + ' ' + told.join('');
    }
  `,
  // Each bundler finds the worker's file by this expression, or is given it as a second entry.
  'main.ts': `
    import { Worker } from 'node:worker_threads';
    import { use } from './use.ts';
    use(() => new Worker(new URL('./heavy.worker.js', import.meta.url))).then(console.log);
  `,
  'main-cjs.ts': `
    import { join } from 'node:path';
    import { Worker } from 'node:worker_threads';
    import { use } from './use.ts';
    declare const __dirname: string;
    use(() => new Worker(join(__dirname, 'heavy.worker.js'))).then(console.log);
  `,
  'single.ts': `
    import { isMainThread, Worker } from 'node:worker_threads';
    import { serve } from 'tasker/threads';
    import * as heavy from './heavy.ts';
    import { use } from './use.ts';
    if (isMainThread) use(() => new Worker(new URL(import.meta.url))).then(console.log);
    else serve(heavy);
  `,
  'core-only.ts': `
    import { createTaskManager } from 'tasker';
    import { isThreadError, threads } from 'tasker/threads';
    const core = createTaskManager({ onCreate: () => 20, onDestroy: () => {}, workerCount: 1 });
    core.then((manager) => manager.queueTask((n) => n + 1).then((sum) => { console.log(sum, isThreadError(1)); return manager.stop(); }));
    if (process.argv[2] === 'by address') {
      createTaskManager({ ...threads('file:///heavy.js'), workerCount: 1 }).catch((error) => console.log(error.cause.message));
    }
  `,
  'browser.ts': `
    import { use } from './use.ts';
    use(() => new Worker(new URL('./heavy.worker.ts', import.meta.url), { type: 'module' })).then((text) => {
      document.title = text;
    });
  `,
  'index.html': `<!doctype html><script type="module" src="./browser.ts"></script>`,
};

const EXPECTED = '42 told 012 12';
let project: StrangerProject;

beforeAll(async () => {
  project = await StrangerProject.make('module');
  for (const [name, text] of Object.entries(FILES)) await project.write(name, text);
});

afterAll(() => project[Symbol.asyncDispose]());

/** Bundles entries with esbuild into a folder of the project. */
async function bundle(folder: string, format: 'esm' | 'cjs', ...entryPoints: string[]): Promise<void> {
  await esbuild({
    absWorkingDir: project.root,
    entryPoints,
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format,
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
  });
  await project.write(join(folder, 'package.json'), JSON.stringify({ type: format === 'esm' ? 'module' : 'commonjs' }));
}

describe('esbuild', () => {
  test('as ES modules: the worker’s file is an entry of its own', async () => {
    await bundle('out-esm', 'esm', 'main.ts', 'heavy.worker.ts');
    expect(await project.run('node', 'out-esm/main.js')).toBe(EXPECTED);
  });

  test('as CommonJS', async () => {
    await bundle('out-cjs', 'cjs', 'main-cjs.ts', 'heavy.worker.ts');
    expect(await project.run('node', 'out-cjs/main-cjs.js')).toBe(EXPECTED);
  });

  test('as one file that is program and worker', async () => {
    await bundle('out-one', 'esm', 'single.ts');
    expect(await project.run('node', 'out-one/single.js')).toBe(EXPECTED);
  });

  test('as CommonJS, a program that imports tasker/threads and uses none runs; by address it is told the remedy', async () => {
    await bundle('out-core', 'cjs', 'core-only.ts');
    expect(await project.run('node', 'out-core/core-only.js')).toBe('21 false');
    expect(await project.run('node', 'out-core/core-only.js', 'by address')).toContain(
      'give threads() a function that makes the Worker, and call serve() in its file',
    );
  });
});

describe('Vite', () => {
  test('for a browser finds, compiles and bundles the worker’s file', async () => {
    await vite({ root: project.root, logLevel: 'error', build: { outDir: 'out-vite', minify: true } });
    const files = await readdir(join(project.root, 'out-vite/assets'));
    const worker = files.find((name) => name.startsWith('heavy.worker'));
    expect(worker).toMatch(/\.js$/);
    const code = await readFile(join(project.root, 'out-vite/assets', worker ?? ''), 'utf8');
    expect(code).not.toMatch(/from\s*["']tasker/);
  });

  test('for a server', async () => {
    await vite({
      root: project.root,
      logLevel: 'error',
      build: {
        ssr: true,
        outDir: 'out-ssr',
        rollupOptions: {
          input: { main: join(project.root, 'main.ts'), 'heavy.worker': join(project.root, 'heavy.worker.ts') },
        },
      },
    });
    expect(await project.run('node', 'out-ssr/main.js')).toBe(EXPECTED);
  });
});
