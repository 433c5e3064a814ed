import { expect, test } from 'vitest';
import { Folder, linesOf, moduleAt, tasker } from './support/command.ts';

/** The real command on a disk that is full: a limit of the size of files has the same effect and needs no rights. Needs `npm run build` first. */

const COUNT = 200;
/** A disk on which a file has room for so many bytes. */
const disk = (bytes: number): string[] => ['prlimit', `--fsize=${bytes}`];
const indices = Array.from({ length: COUNT }, (_, index) => index);

function itemsIn(folder: Folder): string[] {
  folder.write('items.txt', indices.join('\n'));
  return ['run', moduleAt('noted.mjs'), '--lines', 'items.txt', '--retries', '1'];
}

const begun = (folder: Folder): number => new Set(folder.read('begun.txt').split('\n').slice(0, -1)).size;

test('a full disk ends the run with 1, nothing more is started, and --resume brings each item to one line', async () => {
  const folder = new Folder();
  const args = [...itemsIn(folder), '--out', 'out.jsonl'];
  const full = await tasker(args, { cwd: folder.path, under: disk(4_000) });
  expect(full.stderr).toContain(
    'error: out.jsonl cannot be written: EFBIG: file too large, write\nOnce that is mended, --resume goes on with the rest.\n',
  );
  expect(full.code).toBe(1);
  expect(begun(folder)).toBeLessThan(COUNT / 2);
  expect(folder.read('out.jsonl')).toHaveLength(4_000);

  const again = await tasker([...args, '--resume'], { cwd: folder.path, under: disk(4_000) });
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('error: out.jsonl cannot be written');

  expect(await tasker([...args, '--resume'], { cwd: folder.path })).toMatchObject({ code: 1, stdout: '' });
  const lines = linesOf(folder.read('out.jsonl')) as { index: number; ok: boolean }[];
  expect(lines.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(indices);
  expect(lines.filter(({ ok }) => !ok)).toHaveLength(COUNT / 10);
});

test('with --once an item that cannot be entered in the journal is not begun', async () => {
  const folder = new Folder();
  const count = 1_000;
  folder.write('items.txt', Array.from({ length: count }, (_, index) => index).join('\n'));
  const args = ['run', moduleAt('together.mjs'), '--lines', 'items.txt', '--once', '--out', 'out.jsonl'];
  const full = await tasker(args, { cwd: folder.path, under: disk(1_000) });
  expect(full.stderr).toContain('error: out.jsonl.journal cannot be written: EFBIG');
  expect(full.code).toBe(1);
  expect(folder.read('out.jsonl')).toBe('');
  const before = begun(folder);
  expect(before).toBeLessThan(count);

  folder.write('go', '');
  expect(await tasker([...args, '--resume'], { cwd: folder.path })).toMatchObject({ code: 1 });
  const lines = linesOf(folder.read('out.jsonl')) as { ok: boolean; error?: { code: string } }[];
  expect(lines).toHaveLength(count);
  expect(lines.filter(({ error }) => error?.code === 'OUTCOME_UNKNOWN')).toHaveLength(before);
  expect(lines.filter(({ ok }) => ok)).toHaveLength(count - before);
  expect(begun(folder)).toBe(count);
});

test.each([
  ['standard output', [], 'standard output', ['sh', '-c', 'exec "$@" > /dev/full', 'sh']],
  ['--failures', ['--failures', '/dev/full'], '/dev/full', []],
  ['--dry-run', ['--dry-run'], 'standard output', ['sh', '-c', 'exec "$@" > /dev/full', 'sh']],
])('%s that cannot be written ends the run with 1', async (_what, flags, name, under) => {
  const folder = new Folder();
  const { code, stderr } = await tasker([...itemsIn(folder), ...flags], { cwd: folder.path, under });
  expect(stderr).toContain(`error: ${name} cannot be written: ENOSPC: no space left on device, write\n`);
  expect(code).toBe(1);
});
