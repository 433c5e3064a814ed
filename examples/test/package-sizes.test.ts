import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { DANGLING, makeFolder, packageFiles } from './fixture.ts';
import { run } from './run.ts';
import type { Ended, RunOptions } from './run.ts';

vi.setConfig({ testTimeout: 120_000 }); // for busy machines

const MAIN = 'package-sizes/main.ts';

interface Report {
  interrupted: boolean;
  totals: Record<'found' | 'measured' | 'failed' | 'files' | 'bytes' | 'gzip' | 'brotli', number>;
  packages: {
    name: string;
    path: string;
    version: string;
    files: number;
    bytes: number;
    gzip: number;
    brotli: number;
  }[];
  failures: { name: string; path: string; error: string }[];
  metrics: { totalTasksRetried: number };
}

async function runIn(cwd: string, options: RunOptions = {}): Promise<Ended & { report: Report }> {
  const ended = await run(MAIN, { cwd, ...options });
  const content = await readFile(join(cwd, 'package-sizes.json'), 'utf8').catch(() => 'null');
  return { ...ended, report: JSON.parse(content) as Report };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

it('measures plain, scoped and nested packages', async () => {
  const cwd = await makeFolder({
    ...packageFiles('node_modules/plain', '1.2.3'),
    ...packageFiles('node_modules/@scope/scoped'),
    ...packageFiles('node_modules/plain/node_modules/nested', '0.0.1', 500),
    'node_modules/.bin/tool': 'not a package',
    'node_modules/loose.js': 'not a package either',
  });
  const { code, stdout, report } = await runIn(cwd, { args: ['--ask', 'nested'] });
  expect(code).toBe(0);
  expect(report.packages.map(({ path }) => path)).toEqual(['@scope/scoped', 'plain', 'plain/node_modules/nested']);
  expect(report.packages[1]).toMatchObject({ name: 'plain', version: '1.2.3', files: 2 });
  expect(report.totals).toMatchObject({ found: 3, measured: 3, failed: 0, files: 6 });
  expect(stdout).toContain('3 packages, 6 files');
  expect(stdout).toMatch(/^nested@0\.0\.1 /m);
  expect(stdout).toMatch(/Asked meanwhile, answered in .*nested@0\.0\.1: 2 files/);
});

it('adds up the sizes of the files, each compressed by itself', async () => {
  const files = packageFiles('node_modules/one', '1.0.0', 2_000);
  const { report } = await runIn(await makeFolder(files));
  const contents = Object.values(files).map((content) => Buffer.from(content as string));
  expect(report.totals).toMatchObject({
    bytes: sum(contents.map((content) => content.length)),
    gzip: sum(contents.map((content) => gzipSync(content).length)),
  });
  expect(report.totals.brotli).toBeGreaterThan(0);
  expect(report.totals.brotli).toBeLessThan(report.totals.gzip);
});

it('lists what it cannot read, measures the rest and exits with 1', async () => {
  const cwd = await makeFolder({
    ...packageFiles('node_modules/good'),
    ...packageFiles('node_modules/unreadable'),
    'node_modules/unreadable/lib.js': DANGLING,
    'node_modules/broken/package.json': '{ "version": ',
    'node_modules/empty/index.js': 'no manifest',
    'node_modules/folder/package.json/index.js': 'the manifest is a folder',
  });
  const { code, stdout, report } = await runIn(cwd);
  expect(code).toBe(1);
  expect(report.packages.map(({ name }) => name)).toEqual(['good']);
  expect(report.totals).toMatchObject({ found: 5, measured: 1, failed: 4 });
  const errors = Object.fromEntries(report.failures.map(({ name, error }) => [name, error]));
  expect(errors).toEqual({
    broken: 'package.json is not valid JSON',
    empty: expect.stringMatching(/^ENOENT.*package\.json/),
    folder: expect.stringMatching(/^EISDIR/),
    unreadable: expect.stringMatching(/^ENOENT.*lib\.js/),
  });
  expect(stdout).toContain('4 packages could not be measured:\n  broken: package.json is not valid JSON\n');
});

it('measures a package in another thread when its thread has died', async () => {
  const cwd = await makeFolder({
    ...packageFiles('node_modules/fatal'),
    ...packageFiles('node_modules/other'),
    poison: 'for the first thread that touches fatal',
  });
  const preload = new URL('kill-first-thread.mjs', import.meta.url);
  const { code, stdout, report } = await runIn(cwd, { args: ['--ask', 'other'], preload });
  expect(code).toBe(0);
  expect(report.totals).toMatchObject({ measured: 2, failed: 0 });
  expect(report.metrics.totalTasksRetried).toBe(1);
  expect(stdout).toContain(' 1 retried');
  expect(existsSync(join(cwd, 'poison'))).toBe(false);
});

it('reports what it has measured when it is interrupted', async () => {
  // Hundreds of packages that take a while each; the interruption comes with the first answer.
  const files = Array.from({ length: 300 }, (_, index) => packageFiles(`node_modules/p${index}`, '1.0.0', 4_000));
  const cwd = await makeFolder({ ...Object.assign({}, ...files), ...packageFiles('node_modules/asked') });
  let isInterrupted = false;
  const { code, stdout, report } = await runIn(cwd, {
    args: ['--ask', 'asked'],
    onOutput: (text, child) => {
      if (isInterrupted || !/^Asked.*\n/m.test(text)) return;
      isInterrupted = true; // twice would kill
      child.kill('SIGINT');
    },
  });
  expect(code).toBe(130);
  expect(report.interrupted).toBe(true);
  expect(report.totals.found).toBe(301);
  expect(report.totals.measured).toBe(report.packages.length);
  expect(report.totals.measured).toBeGreaterThanOrEqual(1);
  expect(report.totals.measured).toBeLessThan(301);
  expect(report.failures).toEqual([]);
  expect(stdout).toContain(`${report.totals.measured} of 301 packages`);
  expect(stdout).toContain('Interrupted: this is what was measured until then.');
});

it.each([
  [
    'a folder that is not there',
    ['nowhere'],
    /^package-sizes: cannot read the folder .*nowhere \(ENOENT\); see --help\n$/,
  ],
  ['a file', ['file'], /^package-sizes: cannot read the folder .*file \(ENOTDIR\); see --help\n$/],
  ['a folder without packages', ['empty'], /^package-sizes: no package in .*; see --help\n$/],
  ['an unknown option', ['--jsn', 'x'], /^package-sizes: Unknown option '--jsn'.*; see --help\n$/],
  ['an unknown package', ['--ask', 'left', 'modules'], /^package-sizes: no package left in .*; see --help\n$/],
  ['a report in no folder', ['modules', '--json', 'no/report.json'], /^package-sizes: cannot write .*; see --help\n$/],
])('refuses %s in one line, with exit code 2', async (_what, args, message) => {
  const cwd = await makeFolder({ file: 'not a folder', 'empty/.hidden': '', ...packageFiles('modules/right') });
  const { code, stdout, stderr } = await run(MAIN, { cwd, args });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});

it('explains itself', async () => {
  const { code, stdout } = await run(MAIN, { args: ['--help'] });
  expect(code).toBe(0);
  expect(stdout).toContain('Exit codes:');
});
