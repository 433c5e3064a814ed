import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { DANGLING, makeFolder, packageFiles } from './fixture.ts';
import type { Files } from './fixture.ts';

/** What `npm start` runs, in other folders. Needs `npm run build` first. */

vi.setConfig({ testTimeout: 120_000 }); // for busy machines

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: { start: string; poststart: string };
};
const START = `${scripts.start} && ${scripts.poststart}`.replaceAll(/\b(?=(?:packages|examples)\/)/g, ROOT);

interface Line {
  input: string;
  ok: boolean;
  result: { version: string; files: number; bytes: number; gzip: number; brotli: number };
  error: { name: string; message: string };
  attempts: number;
}

interface Job {
  readonly isRunning: () => boolean;
  readonly lines: () => Line[];
  readonly interrupt: () => void;
  readonly ended: Promise<number | null>;
}

function start(folder: string, env: NodeJS.ProcessEnv = {}): Job {
  const child = spawn('sh', ['-c', START], { cwd: folder, env: { ...process.env, ...env }, detached: true });
  for (const stream of [child.stdout, child.stderr]) stream.resume(); // so that it closes after the last process
  const out = join(folder, 'package-sizes.jsonl');
  return {
    isRunning: () => child.exitCode === null,
    lines: () => {
      const lines = existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : [];
      return lines.map((line) => JSON.parse(line) as Line).toSorted((a, b) => (a.input < b.input ? -1 : 1));
    },
    // As a terminal does, to all of them.
    interrupt: () => process.kill(-(child.pid ?? NaN), 'SIGINT'),
    ended: new Promise((resolve) => void child.on('close', resolve)),
  };
}

async function measure(files: Files, env?: NodeJS.ProcessEnv): Promise<{ code: number | null; lines: Line[] }> {
  const job = start(await makeFolder(files), env);
  return { code: await job.ended, lines: job.lines() };
}

const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0);

it('measures plain, scoped and nested packages', async () => {
  const { code, lines } = await measure({
    ...packageFiles('node_modules/plain', '1.2.3'),
    ...packageFiles('node_modules/@scope/scoped'),
    ...packageFiles('node_modules/plain/node_modules/nested', '0.0.1', 500),
    'node_modules/.bin/tool': 'not a package',
    'node_modules/loose.js': 'not a package either',
  });
  expect(lines).toMatchObject([
    { input: 'node_modules/@scope/scoped/package.json', result: { version: '1.0.0', files: 2 } },
    { input: 'node_modules/plain/node_modules/nested/package.json', result: { version: '0.0.1', files: 2 } },
    { input: 'node_modules/plain/package.json', result: { version: '1.2.3', files: 2 } },
  ]);
  expect(code).toBe(0);
});

it('adds up the sizes of the files, each compressed by itself', async () => {
  const files = packageFiles('node_modules/one', '1.0.0', 2_000);
  const [line] = (await measure(files)).lines;
  const contents = Object.values(files).map((content) => Buffer.from(content as string));
  expect(line?.result).toMatchObject({
    bytes: sum(contents.map((content) => content.length)),
    gzip: sum(contents.map((content) => gzipSync(content).length)),
  });
  expect(line?.result.brotli).toBeGreaterThan(0);
  expect(line?.result.brotli).toBeLessThan(line?.result.gzip ?? 0);
});

it('tells what it cannot read, measures the rest and exits with 1', async () => {
  const { code, lines } = await measure({
    ...packageFiles('node_modules/good'),
    ...packageFiles('node_modules/unreadable'),
    'node_modules/unreadable/lib.js': DANGLING,
    'node_modules/broken/package.json': '{ "version": ',
  });
  expect(lines).toMatchObject([
    { ok: false, error: { name: 'SyntaxError' } },
    { ok: true },
    { ok: false, error: { code: 'ENOENT', message: expect.stringContaining('lib.js') } },
  ]);
  expect(code).toBe(1);
});

it('measures a package in another thread when its thread has died', async () => {
  const files = { ...packageFiles('node_modules/fatal'), poison: 'for the first thread that touches fatal' };
  const preload = new URL('kill-first-thread.mjs', import.meta.url);
  const { code, lines } = await measure(files, { NODE_OPTIONS: `--import ${preload.href}` });
  expect(lines).toMatchObject([{ ok: true, attempts: 2 }]);
  expect(code).toBe(0);
});

it('keeps what it has measured when it is interrupted, and starts anew the next time', async () => {
  const files = Array.from({ length: 300 }, (_, index) => packageFiles(`node_modules/p${index}`, '1.0.0', 4_000));
  const folder = await makeFolder({ ...Object.assign({}, ...files) });
  const job = start(folder);
  while (job.isRunning() && job.lines().length === 0) await new Promise(setImmediate);
  job.interrupt();
  expect(await job.ended).not.toBe(0);
  const { length } = job.lines();
  expect(length).toBeGreaterThan(0);
  expect(length).toBeLessThan(300);
  const next = start(folder);
  expect(await next.ended).toBe(0);
  expect(next.lines()).toHaveLength(300);
});
