import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { start } from './run.ts';

const MAIN = 'package-sizes/main.ts';

interface Found {
  name: string;
  files: number;
  bytes: number;
  gzip: number;
  brotli: number;
}

interface Written {
  packages: Found[];
  failures: { name: string }[];
  interrupted: boolean;
  metrics: { totalTasksCompleted: number; totalTasksRetried: number };
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-sizes-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(path: string, content: string): Promise<void> {
  const file = join(folder, 'node_modules', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

async function makePackage(path: string, name: string, body: string): Promise<void> {
  await write(`${path}/package.json`, JSON.stringify({ name, version: '1.0.0' }));
  await write(`${path}/index.js`, body);
}

async function written(): Promise<Written> {
  return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Written;
}

function run(...more: string[]): ReturnType<typeof start> {
  return start(MAIN, [join(folder, 'node_modules'), '--json', join(folder, 'report.json'), ...more]);
}

describe('the package sizes', () => {
  it('measures every package, scoped and nested ones too, and answers one query past the queue', async () => {
    const body = 'export const a = 1;\n'.repeat(500);
    await makePackage('plain', 'plain', body);
    await makePackage('@scope/scoped', '@scope/scoped', 'module.exports = 2;');
    await makePackage('plain/node_modules/nested', 'nested', 'module.exports = 3;');
    const { code, output } = await run('--ask', '@scope/scoped').ended;
    const { packages, failures, metrics } = await written();
    expect(packages.map(({ name }) => name).toSorted()).toEqual(['@scope/scoped', 'nested', 'plain']);
    const manifest = JSON.stringify({ name: 'plain', version: '1.0.0' });
    const plain = packages.find(({ name }) => name === 'plain');
    expect(plain?.bytes).toBe(body.length + manifest.length);
    const exact = gzipSync(body).length + gzipSync(manifest).length;
    expect(Math.abs((plain?.gzip ?? 0) - exact) / exact).toBeLessThan(0.1);
    expect(failures).toEqual([]);
    expect(metrics.totalTasksCompleted).toBeGreaterThanOrEqual(3);
    expect(output).toContain('Asked meanwhile');
    expect(code).toBe(0);
  });

  it('reports a file that cannot be read, and measures the rest', async () => {
    await makePackage('good', 'good', 'module.exports = 1;');
    await makePackage('bad', 'bad', 'module.exports = 2;');
    await rm(join(folder, 'node_modules/bad/index.js'));
    await symlink('nowhere', join(folder, 'node_modules/bad/index.js'));
    const { code, output } = await run('--ask', 'good').ended;
    const { packages, failures } = await written();
    expect(packages.map(({ name }) => name)).toContain('good');
    expect(failures.map(({ name }) => name)).toEqual(['bad']);
    expect(output).toContain('bad');
    expect(code).toBe(1);
  });

  it('says in one line what is wrong with a wrong path', async () => {
    const { code, output } = await start(MAIN, [join(folder, 'nowhere')]).ended;
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain('nowhere');
    expect(code).toBe(2);
  });

  it('finishes what has been begun after one SIGINT, and shows it', async () => {
    for (let i = 0; i < 60; i++) {
      await makePackage(`p${i}`, `p${i}`, `module.exports = ${JSON.stringify('x'.repeat(i))};`.repeat(20_000));
    }
    const { child, said, ended } = run();
    await said('packages');
    child.kill('SIGINT');
    const { code, output } = await ended;
    expect(output).toContain('Finishing what has been begun');
    expect(code).toBe(130);
    const { interrupted, packages } = await written();
    expect(interrupted).toBe(true);
    expect(packages.length).toBeLessThan(60);
  });
});
