import { appendFileSync, existsSync, linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Folder, RunningCommand, linesOf, moduleAt, tasker } from './support/command.ts';

/** `tasker run --resume` after the process was killed. Needs `npm run build` first. */

const ITEMS = ['a', 'bad', 'stuck', 'c', 'd'];
const args = ['run', moduleAt('stuck.mjs'), '--lines', 'items.txt', '--out', 'out.jsonl', '--failures', 'bad.jsonl'];

/** A run that was killed while its third item ran, and had written half a line. */
async function killed(...flags: string[]): Promise<Folder> {
  const folder = new Folder();
  folder.write('items.txt', ITEMS.join('\n'));
  const command = new RunningCommand([...args, ...flags], { cwd: folder.path });
  await command.said('began stuck');
  while (linesOf(folder.read('out.jsonl')).length < 2) await new Promise(setImmediate);
  command.process.kill('SIGKILL');
  await command.finish();
  appendFileSync(join(folder.path, 'out.jsonl'), '{"index":2,"inp');
  folder.write('bad.jsonl', '');
  folder.write('go', '');
  return folder;
}

/** What the end of a run says to type to go on. */
const advised = (stderr: string): string[] => /To go on:\n {2}(?:npx )?tasker (.*)/.exec(stderr)?.[1]?.split(' ') ?? [];

const summary = (folder: Folder, name = 'out.jsonl'): unknown[] =>
  linesOf(folder.read(name)).map((line) => {
    const { input, ok, result } = line as Record<string, unknown>;
    return [input, ok ? result : false];
  });

test('every item comes to exactly one line, and what has one is not run again', async () => {
  const folder = await killed();
  const { code, stderr } = await tasker([...args, '--resume'], { cwd: folder.path });
  expect(summary(folder)).toEqual([
    ['a', 'A'],
    ['bad', false],
    ['stuck', 'STUCK'],
    ['c', 'C'],
    ['d', 'D'],
  ]);
  expect(summary(folder, 'bad.jsonl')).toEqual([['bad', false]]);
  expect(stderr).toContain('resuming: 2 done already\nbegan stuck\n');
  expect(stderr).toContain('3 items: 3 ok, 0 failed, in ');
  expect(stderr).toContain('in total: 5 items, 1 failed\n');
  expect(code).toBe(1);
  expect(existsSync(join(folder.path, 'out.jsonl.journal'))).toBe(false);
  expect(await tasker([...args, '--resume'], { cwd: folder.path })).toMatchObject({ code: 1 });
  expect(summary(folder)).toHaveLength(5);
});

test('with --once what had begun is not run again, and its outcome is unknown', async () => {
  const folder = await killed('--once');
  const { code, stderr } = await tasker([...args, '--once', '--resume'], { cwd: folder.path });
  expect(linesOf(folder.read('out.jsonl'))).toMatchObject([
    { input: 'a', ok: true },
    { input: 'bad', ok: false },
    { input: 'stuck', ok: false, attempts: 1, error: { code: 'OUTCOME_UNKNOWN' } },
    { input: 'c', ok: true },
    { input: 'd', ok: true },
  ]);
  expect(summary(folder, 'bad.jsonl')).toHaveLength(2);
  expect(stderr).not.toContain('began stuck');
  expect(code).toBe(1);
});

test('what is there already is not written over, unless it is resumed', async () => {
  const folder = await killed('--once');
  const before = folder.read('out.jsonl');
  const refused = async (message: string, ...flags: string[]): Promise<void> => {
    expect(await tasker([...args, ...flags], { cwd: folder.path })).toMatchObject({ code: 2, stderr: message });
  };
  await refused('error: out.jsonl is there already: give --resume to go on with it, name another file, or remove it\n');
  expect(folder.read('out.jsonl')).toBe(before);
  folder.write('out.jsonl', '');
  await refused(
    'error: out.jsonl.journal tells of items that had begun: give --resume to go on with them, or remove it\n',
  );
  folder.write('bad.jsonl', 'a letter\n');
  await refused(
    'error: bad.jsonl is there already: name another file for --failures, or remove it\n',
    ...['--out', 'other.jsonl'],
  );
  expect(folder.read('bad.jsonl')).toBe('a letter\n');
  expect(existsSync(join(folder.path, 'other.jsonl'))).toBe(false);
});

test('a device, and standard output by its name, are written to whatever is there', async () => {
  const folder = new Folder();
  folder.write('log.txt', 'before\n');
  folder.write('items.txt', 'a');
  const run = ['run', moduleAt('stuck.mjs'), '--lines', 'items.txt', '--failures', '/dev/null', '--out', '/dev/stdout'];
  const under = ['sh', '-c', 'exec "$@" >> log.txt', 'sh'];
  expect(await tasker(run, { cwd: folder.path, under })).toMatchObject({ code: 0 });
  expect(folder.read('log.txt')).toMatch(/^before\n\{"index":0,"input":"a","ok":true,.*\}\n$/);
});

test('another input, another order and what is no result are refused, and nothing is changed', async () => {
  const folder = await killed();
  const before = folder.read('out.jsonl');
  const refused = async (message: string, ...flags: string[]): Promise<void> => {
    const { code, stderr } = await tasker([...args, '--resume', ...flags], { cwd: folder.path });
    expect(stderr).toContain(`error: out.jsonl${message}`);
    expect(code).toBe(2);
  };
  await refused(' has results of another order: resume it with no --shuffle', '--shuffle', '7');
  folder.write('items.txt', ITEMS.toReversed().join('\n'));
  await refused(' has results of another input, or of another order: item 0 differs');
  folder.write('items.txt', [...ITEMS, 'e'].join('\n'));
  await refused(' has results of another input: resume it with the one that it was begun with');
  folder.write('items.txt', 'a');
  await refused(' has results of another input: of 2 items only 1 are in this one');
  expect(folder.read('out.jsonl')).toBe(before);
  folder.write('out.jsonl', 'a letter\n');
  await refused(':1: this line is not a result of tasker run');
  expect(folder.read('out.jsonl')).toBe('a letter\n');
});

test('what is advised after Ctrl-C goes on in the same random order', async () => {
  const folder = new Folder();
  folder.write('items.txt', ITEMS.join('\n'));
  const command = new RunningCommand([...args, '--shuffle', '--max-workers', '1'], { cwd: folder.path });
  await command.said('began stuck');
  command.process.kill('SIGINT');
  await command.said('finishing 1 item');
  folder.write('go', '');
  const { code, stderr } = await command.finish();
  expect(code).toBe(130);
  expect((await tasker(advised(stderr), { cwd: folder.path })).stderr).toContain('in total: 5 items, 1 failed\n');
  expect(summary(folder)).toHaveLength(5);
});

test('--resume-failed runs what has failed again, too, and every item has one line', async () => {
  const folder = new Folder();
  folder.write('items.txt', ITEMS.join('\n'));
  folder.write('go', '');
  expect(await tasker(args, { cwd: folder.path })).toMatchObject({ code: 1 });
  folder.write('mended', '');
  const { code, stderr } = await tasker([...args, '--resume-failed'], { cwd: folder.path });
  expect(summary(folder)).toEqual([
    ['a', 'A'],
    ['stuck', 'STUCK'],
    ['c', 'C'],
    ['d', 'D'],
    ['bad', 'BAD'],
  ]);
  expect(summary(folder, 'bad.jsonl')).toEqual([]);
  expect(stderr).toContain('resuming: 4 done already\nbegan bad\n');
  expect(code).toBe(0);
});

test('--resume-failed refuses another input and --once, and nothing is changed', async () => {
  const folder = await killed();
  const before = folder.read('out.jsonl');
  expect(await tasker([...args, '--resume-failed', '--once'], { cwd: folder.path })).toMatchObject({ code: 2 });
  folder.write('items.txt', 'a');
  expect(await tasker([...args, '--resume-failed'], { cwd: folder.path })).toMatchObject({ code: 2 });
  expect(folder.read('out.jsonl')).toBe(before);
});

test('a file that another run writes is refused, and may be had once that has ended', async () => {
  const folder = new Folder();
  folder.write('items.txt', ITEMS.join('\n'));
  symlinkSync('out.jsonl', join(folder.path, 'link.jsonl'));
  const command = new RunningCommand(args, { cwd: folder.path });
  await command.said('began stuck');
  const other = ['run', moduleAt('stuck.mjs'), '--lines', 'items.txt', '--resume', '--once'];
  for (const out of ['out.jsonl', 'link.jsonl']) {
    expect(await tasker([...other, '--out', out], { cwd: folder.path })).toMatchObject({
      code: 2,
      stderr: `error: ${out} is being written by another tasker run: wait for its end, or name another file\n`,
    });
  }
  command.process.kill('SIGKILL');
  await command.finish();
  folder.write('go', '');
  expect(await tasker([...args, '--resume'], { cwd: folder.path })).toMatchObject({ code: 1 });
  expect(summary(folder)).toHaveLength(ITEMS.length);
});

test('the files that a run writes are no items of its globs, so that it can be resumed', async () => {
  const folder = new Folder();
  for (const name of ['a', 'bad', 'c']) folder.write(name, '');
  const globs = ['run', moduleAt('stuck.mjs'), '*', '--out', 'out.jsonl', '--failures', 'bad.jsonl'];
  expect(await tasker([...globs, '--limit', '2'], { cwd: folder.path })).toMatchObject({ code: 1 });
  folder.write('out.jsonl.journal', '');
  const { code, stderr } = await tasker([...globs, 'out.jsonl', '--resume'], { cwd: folder.path });
  expect(stderr).toContain('resuming: 2 done already\nbegan c\n1 item: ');
  expect(code).toBe(1);
});

test('one file by two names is refused, also where one is a link, and so is the journal', async () => {
  const folder = new Folder();
  folder.write('items.txt', 'a');
  folder.write('first.jsonl', '');
  symlinkSync('first.jsonl', join(folder.path, 'symbolic.jsonl'));
  linkSync(join(folder.path, 'first.jsonl'), join(folder.path, 'hard.jsonl'));
  const run = ['run', moduleAt('stuck.mjs'), '--lines', 'items.txt', '--out', 'first.jsonl', '--failures'];
  for (const failures of ['symbolic.jsonl', 'hard.jsonl', 'first.jsonl.journal']) {
    expect(await tasker([...run, failures], { cwd: folder.path })).toMatchObject({
      code: 2,
      stderr: `error: ${failures} cannot be read and written, or written twice\n`,
    });
  }
});

test('what somebody has done to the results comes to one line for each item, or is refused in a line', async () => {
  const folder = new Folder();
  folder.write('items.txt', 'a\nb\nc');
  const resume = ['run', moduleAt('upper.mjs'), '--lines', 'items.txt', '--out', 'out.jsonl', '--resume'];
  const lines = [
    '{"index":1,"input":"b","ok":true}',
    '{"index":0,"input":"a","ok":false,"error":{"name":"E","message":"m"}}',
    '{"index":1,"input":"b","ok":true,"result":"again"}',
    '{"index":0,"input":"a","ok":true}',
  ];
  folder.write('out.jsonl', `${lines.join('\n')}\n`);
  const { code, stderr } = await tasker(resume, { cwd: folder.path });
  expect(stderr).toContain('resuming: 2 done already; of 2 items a further line is taken away\n1 item: ');
  expect(stderr).toContain('in total: 3 items, 1 failed');
  expect(folder.read('out.jsonl').split('\n').slice(0, 2)).toEqual(lines.slice(0, 2));
  expect(summary(folder)).toHaveLength(3);
  expect(code).toBe(1);
  folder.write('out.jsonl', '{"index":9007199254740991,"input":"z","ok":true}\n');
  expect(await tasker(resume, { cwd: folder.path })).toMatchObject({
    code: 2,
    stderr: 'error: out.jsonl has results of another input: of 1 items only 0 are in this one\n',
  });
});

test.each(['5', 'null', '{"items":null}', '{"items":null,"seed":null}\nx', '{"items":null,"seed":null}\n-1'])(
  'what is no journal is refused: %s',
  async (text) => {
    const folder = new Folder();
    folder.write('items.txt', 'a\nb');
    folder.write('out.jsonl', '');
    folder.write('out.jsonl.journal', `${text}\n`);
    const resume = ['run', moduleAt('upper.mjs'), '--lines', 'items.txt', '--out', 'out.jsonl', '--once', '--resume'];
    expect(await tasker(resume, { cwd: folder.path })).toMatchObject({
      code: 2,
      stderr: 'error: out.jsonl.journal is not a journal of tasker run, so nothing can be resumed\n',
    });
  },
);
