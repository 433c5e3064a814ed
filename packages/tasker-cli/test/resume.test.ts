import { appendFileSync, existsSync } from 'node:fs';
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
  expect(code).toBe(0);
  expect(existsSync(join(folder.path, 'out.jsonl.journal'))).toBe(false);
  expect(await tasker([...args, '--resume'], { cwd: folder.path })).toMatchObject({ code: 0 });
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
  await refused(':1: this line is no result of tasker run');
  expect(folder.read('out.jsonl')).toBe('a letter\n');
});
