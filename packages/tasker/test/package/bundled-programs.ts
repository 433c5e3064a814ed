import { join } from 'node:path';
import { createRequire } from 'node:module';
import webpack from 'webpack';
import type { Configuration } from 'webpack';
import { StrangerProject } from './stranger-project.ts';

const require = createRequire(import.meta.url);

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
  // Without `node:`, since webpack looks for that.
  'main-webpack.ts': `
    import { Worker } from 'worker_threads';
    import { use } from './use.ts';
    use(() => new Worker(new URL('./heavy.worker.ts', import.meta.url))).then(console.log);
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
  'page.ts': `
    import { use } from './use.ts';
    use(() => new Worker(new URL('./heavy.worker.ts', import.meta.url), { type: 'module' })).then(
      (text) => console.log('said: ' + text),
      (error) => console.log('said: ' + error.stack),
    );
  `,
  // Wrong in a bundle: Vite takes the modules for videos, the small one as a data: URL, the large one as a file.
  'by-address.ts': `
    import { createTaskManager } from 'tasker';
    import { threads } from 'tasker/threads';
    const told = async (module: URL): Promise<string> => {
      try {
        await createTaskManager({ ...threads(module), workerCount: 1 });
        return 'nothing';
      } catch (error) {
        return (error as Error).message;
      }
    };
    told(new URL('./heavy.ts', import.meta.url)).then(async (small) => {
      console.log('said: ' + [small, await told(new URL('./large.ts', import.meta.url))].join('; and '));
    });
  `,
  'large.ts': `export const large: string = '${'large '.repeat(1_000)}';`,
  // As it is written where nothing is bundled: the browser finds the modules by a map.
  'plain/index.html': `<!doctype html>
    <script type="importmap">
      { "imports": { "tasker": "/node_modules/tasker/dist/index.js", "tasker/threads": "/node_modules/tasker/dist/threads/index.js" } }
    </script>
    <script type="module">
      import { createTaskManager } from 'tasker';
      import { threads } from 'tasker/threads';
      const hooks = threads(new URL('./heavy.js', import.meta.url), { data: 3 });
      const manager = await createTaskManager({ ...hooks, workerCount: 1 });
      console.log('said: ' + await manager.queueTask((thread) => thread.run('times', 14)));
    </script>`,
  'plain/heavy.js': `
    export const onCreate = (factor) => ({ factor });
    export function times(n) { return n * this.state.factor; }
  `,
  // What webpack compiles TypeScript with; most take ts-loader, which cannot have TypeScript 7.
  'typescript-loader.cjs': `
    const { transformSync } = require(${JSON.stringify(require.resolve('esbuild'))});
    module.exports = (text) => transformSync(text, { loader: 'ts' }).code;
  `,
  'index.html': `<!doctype html><script type="module" src="./page.ts"></script>`,
};

/** What `use()` of them comes to. */
export const EXPECTED = '42 told 012 12';

/** A stranger's project with these programs in it. */
export async function makeBundledProject(): Promise<StrangerProject> {
  const project = await StrangerProject.make('module');
  for (const [name, text] of Object.entries(FILES)) await project.write(name, text);
  return project;
}

/** Bundles a program with webpack for production into a folder of the project, as `main.js`. A warning is a failure. */
export async function webpackInto(
  project: StrangerProject,
  folder: string,
  config: Pick<Configuration, 'entry' | 'target' | 'output'>,
): Promise<void> {
  const compiler = webpack({
    ...config,
    mode: 'production',
    context: project.root,
    output: { ...config.output, path: join(project.root, folder), filename: 'main.js' },
    module: { rules: [{ test: /\.ts$/, loader: join(project.root, 'typescript-loader.cjs') }] },
  });
  const problems = await new Promise<string>((resolve, reject) => {
    compiler.run((error, stats) => {
      if (error === null) resolve(stats?.toString({ all: false, errors: true, warnings: true }) ?? '');
      else reject(error);
    });
  });
  await new Promise<void>((resolve) => compiler.close(() => resolve()));
  if (problems !== '') throw new Error(`webpack is not content:\n${problems}`);
}
