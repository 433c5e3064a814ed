import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Folder, linesOf, moduleAt, tasker } from './support/command.ts';

/** `tasker run` as it is started from a shell. Needs `npm run build` first. */

const upper = moduleAt('upper.mjs');
const times = { waitMs: 'number', runMs: 'number', finishedAt: 'number' };

describe('tasker run', () => {
  test('writes a line for each item, and ends with 1 if one has failed', async () => {
    const args = ['run', upper, '--lines', '-', '--ordered', '--max-workers', '1', '--no-progress'];
    const { code, lines, stderr } = await tasker(args, {}, 'a\n\nbad\r\nbig\nnothing\nlog');
    expect(lines).toEqual([
      { index: 0, input: 'a', ok: true, result: 'A', attempts: 1, ...times },
      {
        index: 1,
        input: 'bad',
        ok: false,
        error: { name: 'RangeError', message: 'no good', code: 'E_BAD' },
        attempts: 1,
        ...times,
      },
      {
        index: 2,
        input: 'big',
        ok: false,
        error: { name: 'TypeError', message: expect.stringContaining('BigInt'), code: 'NOT_JSON' },
        attempts: 1,
        ...times,
      },
      { index: 3, input: 'nothing', ok: true, result: null, attempts: 1, ...times },
      { index: 4, input: 'log', ok: true, result: 'LOG', attempts: 1, ...times },
    ]);
    expect(stderr).toMatch(
      /^item 4\nErrors\n {2}1 {2}RangeError E_BAD: no good\n(.*\n)+5 items: 3 ok, 2 failed, in .*\n$/,
    );
    expect(code).toBe(1);
  });

  test('runs a worker in TypeScript with its resource, for the records of a compressed CSV file', async () => {
    const folder = new Folder();
    const csv = folder.write('people.csv.gz', gzipSync('name;born\nAda;1815\n"Grace\nHopper";1906\n'));
    const { code, lines, stderr } = await tasker(['run', moduleAt('counter.ts'), '--csv', csv, '--delimiter', ';']);
    expect(lines).toMatchObject([
      { index: 0, input: { name: 'Ada', born: '1815' }, result: { name: 'Ada', index: 0, count: 11 } },
      { index: 1, result: { name: 'Grace\nHopper', index: 1, count: 12 } },
    ]);
    expect(stderr).toContain('destroyed at 12\n');
    expect(code).toBe(0);
  });

  test('sends results to files, retries, and sums up in JSON', async () => {
    const folder = new Folder();
    folder.write('items.txt', 'flaky\nbad\nfine\n');
    const files = ['--out', 'out.jsonl', '--failures', 'failures.jsonl'];
    const args = ['run', upper, '--lines', 'items.txt', ...files, '--retries', '2', '--ordered', '--json'];
    const { code, stdout, stderr } = await tasker(args, { cwd: folder.path });
    expect(stdout).toBe('');
    const written = folder.read('out.jsonl');
    const failure = { name: 'RangeError', message: 'no good', code: 'E_BAD' };
    expect(linesOf(written)).toMatchObject([
      { input: 'flaky', ok: true, attempts: 3 },
      { input: 'bad', ok: false, error: failure, attempts: 3 },
      { input: 'fine', ok: true, attempts: 1 },
    ]);
    expect(folder.read('failures.jsonl')).toBe(`${written.split('\n')[1]}\n`);
    expect(JSON.parse(stderr)).toEqual({
      items: 3,
      ok: 2,
      failed: 1,
      before: { items: 0, failed: 0 },
      skipped: 0,
      exitCode: 1,
      complete: true,
      durationMs: expect.any(Number),
    });
    expect(code).toBe(1);
  });

  test('runs nothing if a line far down in a file is malformed, and says which', async () => {
    const folder = new Folder();
    const lines = Array.from({ length: 20_000 }, (_, i) => `{"i":${i}}`);
    folder.write('items.jsonl', [...lines, '{"i":', ...lines].join('\n'));
    const args = ['run', upper, '--jsonl', 'items.jsonl'];
    const { code, stdout, stderr } = await tasker(args, { cwd: folder.path });
    expect(stderr).toMatch(
      /^error: items\.jsonl:20001: this line is not valid JSON: .* \(--on-bad-input skip passes over it\)\n$/,
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('passes over malformed lines if it is told so', async () => {
    const args = ['run', upper, '--jsonl', '-', '--on-bad-input', 'skip', '--max-workers', '1'];
    const { code, lines, stderr } = await tasker(args, {}, '1\n{\n"b"\n');
    expect(lines).toMatchObject([
      { index: 0, input: 1 },
      { index: 1, input: 'b' },
    ]);
    expect(stderr).toMatch(/^standard input:2: .*passed over\)\n2 items: 2 ok, 0 failed, 1 malformed passed over, in /);
    expect(code).toBe(0);
  });

  test('with --dry-run lists the items, sorted, and runs nothing', async () => {
    const folder = new Folder();
    for (const name of ['b.txt', 'a.txt', 'c[1].txt', 'd.md']) folder.write(name, '');
    const args = ['run', upper, 'c[1].txt', '*.txt', '--dry-run'];
    const { code, lines, stderr } = await tasker(args, { cwd: folder.path });
    expect(lines).toEqual(['a.txt', 'b.txt', 'c[1].txt'].map((input, index) => ({ index, input })));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '3 items would be run\n' });
  });

  test('tells of folders in which it may not look for files', async () => {
    const folder = new Folder();
    folder.write('a.txt', '');
    const closed = join(folder.path, 'closed');
    mkdirSync(closed, { mode: 0o000 });
    onTestFinished(() => chmodSync(closed, 0o700));
    const isRoot = process.getuid?.() === 0; // then it may look, unless that is taken away
    const under = isRoot ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];
    const args = ['run', upper, '**/*.txt', '--dry-run'];
    expect(await tasker(args, { cwd: folder.path, under })).toMatchObject({
      code: 2,
      stderr: 'error: closed: permission denied (--on-bad-input skip passes over it)\n',
    });
    expect(await tasker([...args, '--on-bad-input', 'skip'], { cwd: folder.path, under })).toMatchObject({
      code: 0,
      lines: [{ input: 'a.txt' }],
      stderr: 'closed: permission denied (passed over)\n1 item would be run\n',
    });
  });

  test('gives the items with the higher priority to the workers first', async () => {
    const items = [1, 3, 2].map((p) => JSON.stringify({ p })).join('\n');
    const file = new Folder().write('items.jsonl', items);
    const args = ['run', upper, '--jsonl', file, '--priority', 'p', '--max-workers', '1', '--quiet'];
    const { lines, stderr } = await tasker(args);
    expect(lines).toMatchObject([{ input: { p: 3 } }, { input: { p: 2 } }, { input: { p: 1 } }]);
    expect(stderr).toBe('');
  });
});

describe('what is wrong is said in a line, and ends with 2', () => {
  const wrong: [what: string, args: string[], message: string][] = [
    ['an unknown flag', ['--linse', 'x'], "error: unknown option '--linse'\n(Did you mean --lines?)"],
    ['a wrong value', ['--timeout', 'soon'], 'It must be a duration such as 500ms, 30s, 2m or 1h'],
    ['two sources', ['--lines', 'x', '--csv', 'y'], 'error: items come from one source, got --lines and --csv'],
    ['no source', [], 'error: there are no items: name files or globs, or give --lines FILE'],
    ['flags that contradict each other', ['--once', '--retries', '1'], 'error: --once runs no item twice'],
    ['a file for two things', ['--lines', 'x', '--out', './x'], 'error: ./x cannot be read and written'],
    ['results that would be read as compressed', ['--out', 'x.jsonl.gz'], 'error: x.jsonl.gz would not be compressed'],
    ['a name that is too long', ['x'.repeat(300)], `error: ${'x'.repeat(300)} cannot be read: ENAMETOOLONG`],
    [
      'a folder to resume',
      ['--lines', upper, '--out', '/', '--resume'],
      'error: EISDIR: illegal operation on a directory',
    ],
    ['a file as a folder', ['--lines', upper, '--out', `${upper}/x`], 'error: ENOTDIR: not a directory'],
    ['no such file', ['--lines', 'nowhere.txt'], 'error: nowhere.txt cannot be read: no such file'],
  ];
  test.each(wrong)('%s', async (_what, args, message) => {
    const { code, stdout, stderr } = await tasker(['run', upper, ...args]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

test('a module with a mistake in it is refused with the line of that', async () => {
  const folder = new Folder();
  folder.write('worker.mjs', 'export default (item) => {\n  return item +* 2;\n};\n');
  const { code, stdout, stderr } = await tasker(['run', 'worker.mjs', '--lines', '-'], { cwd: folder.path });
  expect(stderr).toMatch(
    /^error: worker\.mjs cannot be loaded: .*worker\.mjs:2\n {2}return item \+\* 2;\n +\^\n+SyntaxError: /,
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('what the manager warns of is told, once, and goes to the logger of a module that has one', async () => {
  const folder = new Folder();
  const worker = 'checkHealth() { throw new Error("oops"); }, run() { throw new Error("no"); }';
  folder.write('worker.mjs', `export default { ${worker} };`);
  folder.write('logged.mjs', `export default { logger: { ...console, error() {} }, ${worker} };`);
  const told = async (module: string): Promise<string[] | null> =>
    (await tasker(['run', module, '--lines', '-'], { cwd: folder.path }, 'a\nb\n')).stderr.match(/.*oops.*/g);
  expect(await told('worker.mjs')).toEqual(['tasker: checkHealth failed: Error: oops']);
  expect(await told('logged.mjs')).toBeNull();
});

test('--version shows that of the package', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(await tasker(['--version'])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
});
