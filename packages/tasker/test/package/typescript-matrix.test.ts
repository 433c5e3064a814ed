import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrangerProject } from './stranger-project.ts';

/**
 * The packed package under the compilers and settings that strangers have: each compiles a program that imports every
 * subpath, the library's declarations checked too, and Node runs what comes out.
 *
 * Older compilers are workspaces in `compilers/`, so that their `tsc` does not take the place of ours.
 */

const require = createRequire(import.meta.url);
const repositoryRoot = fileURLToPath(new URL('../../../..', import.meta.url));

function compiler(workspace: string): string {
  return join(
    dirname(require.resolve('typescript/package.json', { paths: [join(repositoryRoot, workspace)] })),
    'bin/tsc',
  );
}

const COMPILERS = {
  '5.5': compiler('compilers/typescript-5.5'),
  '5.9': compiler('compilers/typescript-5.9'),
  '7': compiler('.'),
} as const;

/** The program; `load` imports the package in the way that is tested. */
const program = (load: string): string => `${load}
const heavy = {
  onCreate: (factor: number): { factor: number } => ({ factor }),
  times(this: threads.ThreadCall<{ factor: number }>, n: number): number {
    return n * this.state.factor;
  },
};
type Heavy = typeof heavy;

interface Connection { query(text: string): string }

async function main(): Promise<void> {
  const clock: tasker.Clock = new testing.VirtualClock();
  const manager: tasker.TaskManager<Connection> = await tasker.createTaskManager<Connection>({
    onCreate: ({ signal }) => ({ query: (text) => text + (signal.aborted ? ' late' : '') }),
    onDestroy() {},
    workerCount: 1,
    clock,
  });
  const watched: tasker.TaskManager<Connection> = otel.instrument(manager);
  const options: prometheus.RegisterOptions = { labels: { zone: 'a' } };
  const removers: (() => void)[] = [node.shutdownOnSignals(watched), node.publishEvents(watched)];
  output.log(typeof prometheus.registerManager, options.prefix, removers.length);
  const handle: tasker.TaskHandle<string> = manager.submit((connection, { signal }) => {
    signal.throwIfAborted();
    return connection.query('42');
  });
  const hooks: threads.ThreadHooks<{ hash(text: string): number }> = threads.threads<{ hash(text: string): number }>('file:///hash.js');
  const apart: threads.ThreadHooks<{ hash(text: string): number }> = threads.processes<{ hash(text: string): number }>('file:///hash.js', {
    cwd: '/',
  });
  const worker: threads.ThreadWorker = { postMessage() {}, terminate() {} };
  const served: threads.ThreadHooks<Heavy> = threads.threads<Heavy>(() => worker, { data: 3 });
  const use = (thread: threads.Thread<Heavy>): Promise<number> => thread.run('times', 14);
  const report: tasker.ShutdownReport = await handle.result.then((text) => {
    output.log(text, typeof hooks.onCreate, tasker.isTaskerError(new tasker.TaskerError('STOPPED', 'over'), 'STOPPED'));
    return manager.stop();
  });
  output.log(report.dropped.length);
  const esm: { readonly TaskerError: unknown } = await import('tasker');
  output.log(esm.TaskerError === tasker.TaskerError);
  output.log([apart.onCreate, served.onDestroy, use].every((made) => typeof made === 'function'));
  try {
    threads.serve(heavy);
  } catch (error) {
    output.log((error as Error).message);
  }
}

// Neither \`lib.dom\` nor the types of Node need be there.
const output = (globalThis as unknown as { console: { log(...values: unknown[]): void } }).console;
void main();
`;

/** What it prints; in Node, `serve()` has no worker here. */
const PRINTED = [
  'function undefined 2',
  '42 function true',
  '0',
  'true',
  'true',
  'serve() must be called in a worker, and this is the main thread',
].join('\n');

const SUBPATHS = {
  tasker: 'tasker',
  node: 'tasker/node',
  otel: 'tasker/otel',
  pg: 'tasker/pg',
  playwright: 'tasker/playwright',
  prometheus: 'tasker/prometheus',
  testing: 'tasker/testing',
  threads: 'tasker/threads',
};
const load = (line: (name: string, specifier: string) => string): string =>
  Object.entries(SUBPATHS)
    .map(([name, specifier]) => line(name, specifier))
    .join('\n');

const asEsm = program(load((name, specifier) => `import * as ${name} from '${specifier}';`));
const byRequire = program(load((name, specifier) => `import ${name} = require('${specifier}');`));

/** Files and what compiles them. Extensions say which module system a file is of, where the settings do not. */
interface Setting {
  readonly moduleResolution: string;
  readonly module: string;
  readonly files: Readonly<Record<string, string>>;
  /** As it is called in what is emitted. */
  readonly programs: readonly string[];
}

const BOTH = { 'esm.mts': asEsm, 'commonjs.cts': asEsm, 'require.cts': byRequire };
const BOTH_PROGRAMS = ['esm.mjs', 'commonjs.cjs', 'require.cjs'];

const SETTINGS: Readonly<Record<string, Setting>> = {
  'node10, ESM': { moduleResolution: 'node10', module: 'esnext', files: { 'main.mts': asEsm }, programs: ['main.mjs'] },
  'node10, CommonJS': {
    moduleResolution: 'node10',
    module: 'commonjs',
    files: { 'commonjs.cts': asEsm, 'require.cts': byRequire },
    programs: ['commonjs.cjs', 'require.cjs'],
  },
  'node16, both': { moduleResolution: 'node16', module: 'node16', files: BOTH, programs: BOTH_PROGRAMS },
  'nodenext, both': { moduleResolution: 'nodenext', module: 'nodenext', files: BOTH, programs: BOTH_PROGRAMS },
  'bundler, ESM': {
    moduleResolution: 'bundler',
    module: 'esnext',
    files: { 'main.mts': asEsm },
    programs: ['main.mjs'],
  },
  'bundler, CommonJS': {
    moduleResolution: 'bundler',
    module: 'preserve',
    files: { 'require.cts': byRequire },
    programs: ['require.cjs'],
  },
};

/**
 * What a program may have of the platform; above, it has ES2022 and nothing else. TypeScript 7 takes no types that are not
 * named.
 */
const PLATFORMS: Readonly<Record<string, Record<string, unknown>>> = {
  'esnext.disposable alone': { lib: ['es2022', 'esnext.disposable'], types: [] },
  'a browser': { lib: ['es2022', 'dom', 'esnext.disposable'], types: [] },
  'the types of Node': { lib: ['es2022'], types: ['node'], typeRoots: [join(repositoryRoot, 'node_modules/@types')] },
};

/** What the declarations of a peer, `@opentelemetry/api`, want where there is no platform; ours do without. */
const CONSOLE =
  'declare const console: Record<"debug" | "error" | "info" | "log" | "trace" | "warn", (...values: unknown[]) => void>;';

let project: StrangerProject;

beforeAll(async () => {
  project = await StrangerProject.make('module');
  await project.addPeers();
  await project.write('console.d.ts', CONSOLE);
  await Promise.all(
    Object.values(SETTINGS).flatMap(({ files }) =>
      Object.entries(files).map(([name, text]) => project.write(name, text)),
    ),
  );
}, 60_000);

afterAll(() => project?.[Symbol.asyncDispose]());

describe.each(Object.entries(COMPILERS))('TypeScript %s', (version, tsc) => {
  const settings = Object.entries(SETTINGS).filter(
    ([, { moduleResolution }]) => version !== '7' || moduleResolution !== 'node10',
  );

  test.concurrent.each(settings)(
    '%s: compiles and runs',
    async (name, { module, moduleResolution, files, programs }) => {
      const outDir = `out/${version} ${name}`;
      await project.compile(tsc, `tsconfig.${version} ${name}.json`, ['console.d.ts', ...Object.keys(files)], {
        module,
        moduleResolution,
        target: 'es2022',
        lib: ['es2022'],
        types: [],
        noEmit: false,
        outDir,
      });
      for (const file of programs) {
        expect(await project.run(process.execPath, join(outDir, file))).toBe(PRINTED);
      }
    },
  );

  test.concurrent.each(Object.entries(PLATFORMS))('has enough with %s', async (name, platform) => {
    const file = await project.write(`platform ${name}.mts`, withUsing(name));
    const files = name === 'esnext.disposable alone' ? ['console.d.ts', file] : [file];
    await project.compile(tsc, `tsconfig.${version} ${name}.json`, files, { target: 'es2022', ...platform });
  });
});

/** What is declared is what our declarations speak of: its own `AbortSignal`, `URL`, `Worker` and `await using`. */
function withUsing(platform: string): string {
  const ofPlatform = `
const controller = new AbortController();
const hooks = threads.threads(new URL('file:///hash.js'));
const signal: AbortSignal = await manager.queueTask((_, context) => context.signal, { signal: controller.signal });
const made = threads.threads(() => new Worker(new URL('file:///hash.worker.js')));
export { hooks, made, signal };
${platform === 'the types of Node' ? "import { Worker } from 'node:worker_threads';" : ''}
`;
  return `${asEsm}
await using manager: AsyncDisposable & tasker.TaskManager<number> =
  await tasker.createTaskManager({ onCreate: () => 1, onDestroy() {}, workerCount: 1 });
await using lease: AsyncDisposable = await manager.lease();
export { lease };
${platform === 'esnext.disposable alone' ? '' : ofPlatform}`;
}

test('every subpath that can be required is among these, and has its types under node10', async () => {
  const { exports, typesVersions } = JSON.parse(await readFile(join(project.installed, 'package.json'), 'utf8')) as {
    exports: Record<string, { readonly require?: unknown }>;
    typesVersions: { readonly '*': Record<string, unknown> };
  };
  const subpaths = Object.keys(exports).filter((name) => exports[name]?.require !== undefined);
  expect(subpaths.map((name) => name.replace('.', 'tasker'))).toEqual(Object.values(SUBPATHS));
  expect(Object.keys(typesVersions['*']).map((name) => `./${name}`)).toEqual(subpaths.filter((name) => name !== '.'));
});

test('TypeScript 7 has no node10', async () => {
  const options = { module: 'esnext', moduleResolution: 'node10' };
  await expect(project.compile(COMPILERS['7'], 'tsconfig.node10.json', ['main.mts'], options)).rejects.toThrow(
    /node10/,
  );
});

describe('without require(esm)', () => {
  // As in Jest, and as in tools that know no `exports`.
  test.each(['tasker', 'tasker/testing', 'tasker/threads'])('%s is CommonJS', async (specifier) => {
    const file = await project.write(
      'require-only.cjs',
      `const loaded = require('${specifier}'); console.log(require.resolve('${specifier}'), Object.keys(loaded).length > 0);`,
    );
    const printed = await project.run(process.execPath, '--no-experimental-require-module', file);
    expect(printed).toMatch(/dist.commonjs.\S*index\.js true$/);
  });

  test('`main` is, for those who do not know `exports`', async () => {
    const file = await project.write(
      'main-only.cjs',
      `const { main } = require('tasker/package.json');
       console.log(Object.keys(require('./node_modules/tasker/' + main)).includes('createTaskManager'));`,
    );
    expect(await project.run(process.execPath, '--no-experimental-require-module', file)).toBe('true');
  });
});
