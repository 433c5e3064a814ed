import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrangerProject } from './stranger-project.ts';

const require = createRequire(import.meta.url);
const repositoryRoot = fileURLToPath(new URL('../../../..', import.meta.url));
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

let project: StrangerProject;

const inProject = (command: string, ...args: string[]): Promise<string> => project.run(command, ...args);
const script = (name: string, code: string): Promise<string> => project.write(name, code);
const typeCheck = (name: string, file: string, options: Record<string, unknown>): Promise<void> =>
  project.compile(tsc, name, [file], options);

beforeAll(async () => {
  project = await StrangerProject.make('module');
}, 60_000);

afterAll(() => project?.[Symbol.asyncDispose]());

describe('installed from its tarball', () => {
  test('it brings no other package along', async () => {
    const packages = (await readdir(join(project.root, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(packages).toEqual(['tasker']);
  });

  test('it is imported by an ES module', async () => {
    const file = await script(
      'main.js',
      `import { createTaskManager } from 'tasker';
       import { VirtualClock } from 'tasker/testing';
       import { threads } from 'tasker/threads';
       const manager = await createTaskManager({ workerCount: 1, onCreate: () => 40, onDestroy() {} });
       console.log(await manager.queueTask((resource) => resource + 2), typeof VirtualClock, typeof threads);
       await manager.stop();`,
    );
    expect(await inProject(process.execPath, file)).toBe('42 function function');
  });

  test('it is required by a CommonJS module, which gets the same instance', async () => {
    const file = await script(
      'main.cjs',
      `const tasker = require('tasker');
       (async () => {
         const imported = await import('tasker');
         const manager = await tasker.createTaskManager({ workerCount: 1, onCreate: () => 40, onDestroy() {} });
         console.log(await manager.queueTask((resource) => resource + 2), imported.TaskerError === tasker.TaskerError);
         await manager.stop();
       })();`,
    );
    expect(await inProject(process.execPath, file)).toBe('42 true');
  });

  test.each(['threads', 'processes'] as const)('it starts %s, from an ES module and from CommonJS', async (maker) => {
    await script(
      'heavy.mjs',
      `export const where = () => [process.pid, require('node:worker_threads').isMainThread];
       import { createRequire } from 'node:module';
       const require = createRequire(import.meta.url);`,
    );
    const use = `
      async function use() {
        const hooks = tasker.${maker}(pathToFileURL('heavy.mjs'));
        const manager = await createTaskManager({ ...hooks, workerCount: 1, resourcePoolSize: 0 });
        const [pid, isMainThread] = await manager.queueTask((heavy) => heavy.run('where'));
        console.log(pid === process.pid, isMainThread);
        await manager.stop();
      }
      use();`;
    const imported = await script(
      'start.mjs',
      `import { pathToFileURL } from 'node:url';
       import { createTaskManager } from 'tasker';
       import * as tasker from 'tasker/threads';
       ${use}`,
    );
    const required = await script(
      'start.cjs',
      `const { pathToFileURL } = require('node:url');
       const { createTaskManager } = require('tasker');
       const tasker = require('tasker/threads');
       ${use}`,
    );
    const expected = maker === 'threads' ? 'true false' : 'false true';
    expect(await inProject(process.execPath, imported)).toBe(expected);
    expect(await inProject(process.execPath, required)).toBe(expected);
    // As CommonJS through and through, as in Jest and in tools that know no `exports`.
    expect(await inProject(process.execPath, '--no-experimental-require-module', required)).toBe(expected);
  });

  test('it works with the peers that are there, from an ES module and from CommonJS', async () => {
    await project.addPeers();
    const use = `
      const registry = new Registry();
      tasker.createTaskManager({ workerCount: 1, name: 'mine' }).then(async (manager) => {
        registerManager(registry, manager);
        publishEvents(instrument(manager));
        await manager.queueTask(() => 1);
        console.log(/tasker_tasks_total.*completed.*/.exec(await registry.metrics())[0]);
        shutdownOnSignals(manager);
        process.kill(process.pid, 'SIGTERM');
        process.on('exit', (code) => { console.log(code); process.exitCode = 0; });
      });
      setTimeout(() => {}, 10_000);`;
    const imported = await script(
      'telemetry.mjs',
      `import * as tasker from 'tasker';
       import { Registry } from 'prom-client';
       import { instrument } from 'tasker/otel';
       import { registerManager } from 'tasker/prometheus';
       import { publishEvents, shutdownOnSignals } from 'tasker/node';
       ${use}`,
    );
    const required = await script(
      'telemetry.cjs',
      `const tasker = require('tasker');
       const { Registry } = require('prom-client');
       const { instrument } = require('tasker/otel');
       const { registerManager } = require('tasker/prometheus');
       const { publishEvents, shutdownOnSignals } = require('tasker/node');
       ${use}`,
    );
    const expected = 'tasker_tasks_total{manager="mine",outcome="completed"} 1\n143';
    expect(await inProject(process.execPath, imported)).toBe(expected);
    expect(await inProject(process.execPath, required)).toBe(expected);
    expect(await inProject(process.execPath, '--no-experimental-require-module', required)).toBe(expected);
  });

  test.each(['node', 'browser'] as const)(
    'it is one instance in a bundle for %s that imports and requires it',
    async (platform) => {
      const file = await script(
        'both.js',
        `import * as imported from 'tasker';
       console.log(imported.TaskerError === require('tasker').TaskerError);`,
      );
      const outfile = join(project.root, `bundle-${platform}.cjs`);
      await build({ absWorkingDir: project.root, entryPoints: [file], bundle: true, platform, format: 'cjs', outfile });
      expect(await inProject(process.execPath, outfile)).toBe('true');
    },
  );

  test('its declarations need neither skipLibCheck nor the types of Node', async () => {
    const file = await script(
      'all.ts',
      `import * as tasker from 'tasker';\nimport * as node from 'tasker/node';\nimport * as pg from 'tasker/pg';\nimport * as playwright from 'tasker/playwright';\nimport * as testing from 'tasker/testing';\nimport * as threads from 'tasker/threads';\nexport const all = [tasker, node, pg, playwright, testing, threads];\n`,
    );
    await typeCheck('tsconfig.browser.json', file, { target: 'esnext', types: [] });
  });

  test('each compiled file has its source beside it, so that source maps and "go to definition" lead somewhere', async () => {
    const dist = join(project.installed, 'dist');
    const maps = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith('.map'));
    expect(maps).not.toEqual([]);
    const missing = await Promise.all(
      maps.map(async (name) => {
        const { sources } = JSON.parse(await readFile(join(dist, name), 'utf8')) as { sources: string[] };
        return sources.map((path) => resolve(dist, dirname(name), path)).filter((path) => !existsSync(path));
      }),
    );
    expect(missing.flat()).toEqual([]);
  });
});

describe('the first example of the README', () => {
  let newcomer: StrangerProject;
  let commands: string[];
  let example: string;
  let output: string;
  let file: string;

  beforeAll(async () => {
    const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
    const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text = '']) => ({
      language,
      text,
    }));
    commands =
      blocks
        .find(({ language }) => language === 'sh')
        ?.text.trim()
        .split('\n') ?? [];
    example = blocks.find(({ language }) => language === 'js')?.text ?? '';
    output = blocks.find(({ language }) => language === 'text')?.text ?? '';
    file = /^\/\/ (\S+)\n/.exec(example)?.[1] ?? '';
    newcomer = await StrangerProject.make();
    await newcomer.write(file, example);
  }, 60_000);

  afterAll(() => newcomer?.[Symbol.asyncDispose]());

  test('runs in a fresh directory by the commands below it, prints what they say, and ends by itself', async () => {
    // The first two have made the directory, with the tarball in place of what a registry has.
    expect(commands).toEqual(['npm init --yes', 'npm install tasker', `node ${file}`]);
    expect(`${await newcomer.run(process.execPath, file)}\n`).toBe(output);
  });

  test('type-checks under strict, as JavaScript and as TypeScript, without the types of Node', async () => {
    await newcomer.write('readme.mts', example);
    await newcomer.compile(tsc, 'tsconfig.readme.json', [file, 'readme.mts'], {
      target: 'es2022',
      checkJs: true,
      types: [],
    });
  });
});
