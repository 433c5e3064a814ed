import { expect, test } from 'vitest';
import { Folder, linesOf, moduleAt, tasker } from './support/command.ts';

/** `tasker run` while no resource can be made. Needs `npm run build` first. */

const args = ['run', moduleAt('outage.mjs'), '--lines', 'items.txt', '--out', 'out.jsonl', '--ordered', '--json'];

function folderWith(tries: number): { folder: Folder; options: { cwd: string; env: Record<string, string> } } {
  const folder = new Folder();
  folder.write('items.txt', 'first\nb\nc\n');
  return { folder, options: { cwd: folder.path, env: { TRIES: String(tries) } } };
}

test('items wait for a resource, however often none can be made', async () => {
  const { folder, options } = folderWith(12);
  const { code, stderr } = await tasker(args, options);
  expect(linesOf(folder.read('out.jsonl'))).toMatchObject([
    { input: 'first', ok: true, result: 1 },
    { input: 'b', ok: true, result: 12, attempts: 1 },
    { input: 'c', ok: true, result: 12, attempts: 1 },
  ]);
  expect(stderr).toContain('a resource could not be created');
  expect(code).toBe(0);
});

test('after --give-up-after the run ends, what was not run has no line, and --resume goes on', async () => {
  const { folder, options } = folderWith(1_000_000);
  const { code, stderr } = await tasker([...args, '--give-up-after', '50ms'], options);
  expect(linesOf(folder.read('out.jsonl'))).toMatchObject([{ input: 'first', ok: true }]);
  expect(stderr).toContain('error: no resource could be made for 50 ms: the database is away\nOnce that is mended');
  expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({ items: 1, exitCode: 1, complete: false });
  expect(code).toBe(1);
  options.env = { TRIES: '1' };
  expect(await tasker([...args, '--resume'], options)).toMatchObject({ code: 0 });
  expect(linesOf(folder.read('out.jsonl'))).toHaveLength(3);
});
