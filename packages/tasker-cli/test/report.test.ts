import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Folder, MAIN, RunningCommand, moduleAt, tasker } from './support/command.ts';
import { TerminalCommand } from './support/terminal.ts';
import { NOON, resultLine } from './support/results.ts';

/** `tasker report`, the real command. Needs `npm run build` first. */

const timeout = (index: number, ms: number): string =>
  resultLine(index, {
    error: { name: 'TimeoutError', message: `timeout after ${ms} ms for /a/${index}`, code: 'ETIMEDOUT' },
    attempts: 3,
    runMs: ms,
  });

/** 100 items in 100 seconds: two time out, one is refused. */
const RESULTS =
  Array.from({ length: 97 }, (_, index) => resultLine(index)).join('') +
  timeout(97, 1_234) +
  timeout(98, 99) +
  resultLine(99, { input: { id: 7 }, error: { name: 'Error', message: 'refused' } });

test('it tells how many items were ok, when they ran, how long they took, what failed and what was slow', async () => {
  const folder = new Folder();
  folder.write('out.jsonl', RESULTS);
  const { code, stdout, stderr } = await tasker(['report', 'out.jsonl'], { cwd: folder.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  expect(lines).toEqual(
    expect.arrayContaining([
      'out.jsonl',
      'items 100',
      'ok 97 (97 %)',
      'failed 3 (3 %)',
      'retried 2 items',
      'runs 104',
      'began 2026-11-25 11:59:59',
      'ended 2026-11-25 12:01:39',
      'took 1 min 39 s',
      'throughput 1.01/s',
      'p50 p90 p95 p99 max mean',
      'run 100 ms 100 ms 100 ms 100 ms 1.23 s 111 ms',
      'wait 1 ms 1 ms 1 ms 1 ms 1 ms 1 ms',
      'Throughput (a column is 2 s; at the worst 100 % failed)',
      '2 TimeoutError ETIMEDOUT: timeout after <n> ms for <path>',
      'timeout after 1234 ms for /a/97',
      'item 97: "item 97"',
      '1 Error: refused',
      'item 99: {"id":7}',
      '1.23 s failed item 97 "item 97"',
    ]),
  );
  expect(stdout).toMatch(/^ {2}100 – 120 ms █+ 98$/m);
  expect(stdout).toMatch(/^ {2} +1\/s ┤ █+$/m);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('what a run writes to standard output can be reported at once', async () => {
  const run = await tasker(['run', moduleAt('upper.mjs'), '--lines', '-'], {}, 'a\nb\n');
  const { code, stdout } = await tasker(['report', '-'], {}, run.stdout);
  expect(stdout).toMatch(/^standard input\n\n {2}items +2\n {2}ok +2 \(100 %\)\n {2}failed +0\n/);
  expect(code).toBe(0);
});

test('a compressed file is decompressed', async () => {
  const path = new Folder().write('out.jsonl.gz', gzipSync(RESULTS));
  expect((await tasker(['report', path])).stdout).toContain('items       100\n');
});

test('an empty file is no error', async () => {
  const path = new Folder().write('out.jsonl', '');
  expect(await tasker(['report', path])).toMatchObject({ code: 0, stdout: `${path} has no results.\n`, stderr: '' });
});

test('half a last line is passed over, and that is told', async () => {
  const path = new Folder().write('out.jsonl', `${RESULTS}{"index":100,"inp`);
  const { code, stdout } = await tasker(['report', path]);
  expect(stdout).toContain('items       100\n');
  expect(stdout).toContain('Line 101, the last, is not complete and was passed over.');
  expect(code).toBe(0);
});

test('lines that do not tell when their items ended are reported without throughput', async () => {
  const folder = new Folder();
  folder.write('none.jsonl', resultLine(0, { finishedAt: undefined }));
  folder.write('some.jsonl', RESULTS + resultLine(100, { finishedAt: undefined }));
  const none = await tasker(['report', 'none.jsonl', '--html', 'none.html'], { cwd: folder.path });
  expect(none.stdout).toContain('No line tells when its item ended (finishedAt), so there is no throughput.');
  expect(none.stdout).not.toContain('Throughput');
  expect(folder.read('none.html')).not.toContain('<h2 id="throughput-title">');
  const some = await tasker(['report', 'some.jsonl'], { cwd: folder.path });
  expect(some.stdout).toContain('1 line does not tell when the item ended (finishedAt)');
});

test('the night before a resumption is left out', async () => {
  const nextDay = Array.from({ length: 100 }, (_, i) =>
    resultLine(100 + i, { finishedAt: NOON + 86_400_000 + i * 1_000 }),
  );
  const path = new Folder().write('out.jsonl', RESULTS + nextDay.join(''));
  const { stdout } = await tasker(['report', path]);
  expect(stdout).toContain('took        3 min 18 s, without pauses\n');
  expect(stdout).toContain('Nothing ended for 23 h 58 min from 2026-11-25 12:01:39 on: left out.');
  expect(stdout).toContain('┊');
});

test('a line that is no result and a file that cannot be read end with exit code 2', async () => {
  const folder = new Folder();
  folder.write('out.jsonl', `${RESULTS}{"some":"json"}\n`);
  const refused = async (message: string, ...args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await tasker(['report', ...args], { cwd: folder.path });
    expect(stderr).toContain(`error: ${message}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  };
  await refused('out.jsonl:101: this line is not a result of tasker run', 'out.jsonl');
  await refused('none.jsonl cannot be read: no such file', 'none.jsonl');
  await refused('. is a folder', '.');
  await refused("missing required argument 'file'");
});

test('a page is not written over the results, nor where there is no place for it', async () => {
  const folder = new Folder();
  const path = folder.write('out.jsonl', RESULTS);
  linkSync(path, join(folder.path, 'same.html'));
  const refused = async (message: string, html: string): Promise<void> => {
    const { code, stderr } = await tasker(['report', 'out.jsonl', '--html', html], { cwd: folder.path });
    expect(stderr).toContain(`error: ${html}${message}`);
    expect(code).toBe(2);
  };
  await refused(' has the results: --html would write over them', './out.jsonl');
  await refused(' has the results: --html would write over them', 'same.html');
  await refused(' cannot be written: ', 'none/page.html');
  await refused(' is a folder', '.');
  const args = [MAIN, 'report', '-', '--html', path];
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: [openSync(path, 'r'), 'ignore', 'pipe'] });
  expect(String(stderr)).toContain(`error: ${path} has the results`);
  expect(status).toBe(2);
  expect(folder.read('out.jsonl')).toBe(RESULTS);
  folder.write('page.html', 'an older page');
  expect((await tasker(['report', 'out.jsonl', '--html', 'page.html'], { cwd: folder.path })).code).toBe(0);
  expect(folder.read('page.html')).toMatch(/^<!doctype html>.*<\/html>\s*$/s);
});

test('text from the file reaches neither the terminal as an escape nor the page as markup', async () => {
  const folder = new Folder();
  const evil =
    '\u001b]0;title\u0007\u001b[31m\u009b31m\u202e</script><script>alert(1)</script><img src=x onerror=alert(1)>';
  folder.write(
    'out.jsonl',
    resultLine(0, { input: { [evil]: evil }, error: { name: evil, message: evil, code: evil } }),
  );
  const { stdout } = await tasker(['report', 'out.jsonl', '--html', 'page.html'], { cwd: folder.path });
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  const page = folder.read('page.html');
  expect(page).not.toMatch(/<img|<script>alert/);
  expect(page).toContain('&lt;script&gt;alert(');
});

test('a reader that goes away, as head does, is no error', async () => {
  const path = new Folder().write('out.jsonl', RESULTS);
  const command = new RunningCommand(['report', path]);
  await once(command.process.stdout, 'readable');
  command.process.stdout.destroy();
  expect(await command.finish()).toMatchObject({ code: 0, stderr: '' });
});

test('colours are for terminals that have them', async () => {
  const folder = new Folder();
  const path = folder.write('out.jsonl', RESULTS);
  const onTerminal = async (env: Record<string, string>): Promise<string> => {
    const command = new TerminalCommand(['report', path], 80, folder.path, env);
    await command.end();
    return command.raw;
  };
  const escape = '\u001b[';
  expect(await onTerminal({})).toContain(escape);
  expect(await onTerminal({ NO_COLOR: '1' })).not.toContain(escape);
  expect(await onTerminal({ TERM: 'dumb' })).not.toContain(escape);
  const inPipe = (env: Record<string, string>): string =>
    spawnSync(process.execPath, [MAIN, 'report', path], { encoding: 'utf8', env: { ...process.env, ...env } }).stdout;
  expect(inPipe({})).not.toContain(escape);
  expect(inPipe({ FORCE_COLOR: '1' })).toContain(escape);
});
