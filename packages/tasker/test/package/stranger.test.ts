import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * Packs the built package, installs the tarball in an empty project and uses it there: what a stranger gets, not
 * what is on our disk. Needs `npm run build` first; `npm test` does that.
 */

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));
const repositoryRoot = resolve(packageRoot, '../..');
const tsx = require.resolve('tsx/cli');
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

/** The environment without what an outer `npm run` put there, which would point the inner npm at this repository. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm|vitest|node_)/i.test(name)),
);

let project = '';
let installed: string;

/** Runs a program in the stranger's project; a failure shows all it printed. */
async function inProject(command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await run(command, args, { cwd: project, env: environment });
    return stdout.trim();
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout ?? ''}\n${stderr ?? ''}`, { cause: error });
  }
}

async function script(name: string, code: string): Promise<string> {
  await writeFile(join(project, name), code);
  return name;
}

/** Checks the given files as a project of their own, the library's declarations included. */
async function typeCheck(name: string, file: string, options: Record<string, unknown>): Promise<void> {
  const compilerOptions = { strict: true, noEmit: true, module: 'nodenext', skipLibCheck: false, ...options };
  await script(name, JSON.stringify({ compilerOptions, files: [file] }));
  await inProject(process.execPath, tsc, '--project', name);
}

beforeAll(async () => {
  if (!existsSync(join(packageRoot, 'dist/index.js'))) throw new Error('nothing to pack: run `npm run build` first');
  project = await mkdtemp(join(tmpdir(), 'tasker-stranger-'));
  installed = join(project, 'node_modules/tasker');
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
    cwd: packageRoot,
    env: environment,
  });
  const tarball = /"filename":\s*"(.+?)"/.exec(stdout)?.[1];
  if (tarball === undefined) throw new Error(`npm pack named no file: ${stdout}`);
  await script('package.json', JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  await inProject('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
}, 60_000);

afterAll(async () => {
  if (project !== '') await rm(project, { recursive: true, force: true });
});

describe('installed from its tarball', () => {
  test('it brings no other package along', async () => {
    const packages = (await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.'));
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

  test('its declarations need neither skipLibCheck nor the types of Node', async () => {
    const file = await script(
      'all.ts',
      `import * as tasker from 'tasker';\nimport * as testing from 'tasker/testing';\nimport * as threads from 'tasker/threads';\nexport const all = [tasker, testing, threads];\n`,
    );
    await typeCheck('tsconfig.browser.json', file, { target: 'esnext', types: [] });
  });

  test('each compiled file has its source beside it, so that source maps and "go to definition" lead somewhere', async () => {
    const dist = join(installed, 'dist');
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
  let file: string;

  beforeAll(async () => {
    const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
    const example = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1];
    if (example === undefined) throw new Error('README.md has no ```ts block');
    file = await script('readme.ts', example);
  });

  test('runs and ends by itself', async () => {
    await inProject(process.execPath, tsx, file);
  });

  test('type-checks under strict', async () => {
    await typeCheck('tsconfig.readme.json', file, {
      target: 'es2022',
      types: ['node'],
      typeRoots: [join(repositoryRoot, 'node_modules/@types')],
    });
  });
});
