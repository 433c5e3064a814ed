import { expect, test } from 'vitest';
import { moduleAt, tasker } from './support/command.ts';

/** `tasker run --threads`. Needs `npm run build` first. */

const times = { waitMs: 'number', runMs: 'number', finishedAt: 'number' };
const run = (module: string, items: string[], ...flags: string[]) =>
  tasker(['run', moduleAt(module), '--threads', '--lines', '-', '--max-workers', '1', ...flags], {}, items.join('\n'));

test('each worker is a thread with a resource of its own, and hooks are called there', async () => {
  const { code, lines, stderr } = await run('threads.mjs', ['a', 'log', 'odd', 'bad', 'stale', 'b']);
  const result = { isMainThread: false, isAlone: false, hasId: true };
  expect(lines.toSorted(byIndex)).toEqual([
    { index: 0, input: 'a', ok: true, result: { ...result, isAlone: true }, attempts: 1, ...times },
    { index: 1, input: 'log', ok: true, result, attempts: 1, ...times },
    { index: 2, input: 'odd', ok: true, result: expect.anything(), attempts: 2, ...times },
    {
      index: 3,
      input: 'bad',
      ok: false,
      error: { name: 'RangeError', message: 'no good', code: 'E_BAD' },
      attempts: 1,
      ...times,
    },
    { index: 4, input: 'stale', ok: true, result: expect.anything(), attempts: 1, ...times },
    { index: 5, input: 'b', ok: true, result: expect.anything(), attempts: 1, ...times },
  ]);
  expect(stderr).toContain("{ index: 1, worker: 'base' }");
  expect(stderr).toContain('created base\n');
  expect(stderr).toContain(': sick\n');
  expect(stderr).toContain(': invalidated\n');
  expect(stderr).toContain(': shutdown\n');
  expect(code).toBe(1);
});

test('an item whose thread dies is run again in another one', async () => {
  const { code, lines } = await run('threads.mjs', ['dies']);
  expect(lines).toMatchObject([{ input: 'dies', ok: true, attempts: 2 }]);
  expect(code).toBe(0);
});

test('results are what JSON makes of them in the thread', async () => {
  const { lines } = await run('threads.mjs', ['address', 'function'], '--ordered');
  expect(lines).toMatchObject([
    { ok: true, result: 'http://localhost/' },
    { ok: false, error: { code: 'NOT_JSON' } },
  ]);
});

test('a module in TypeScript, and a bare function, run in threads', async () => {
  const { lines } = await run('threads-typed.ts', ['a', 'b'], '--ordered');
  expect(lines).toMatchObject([{ result: 'a0 in a thread' }, { result: 'b1 in a thread' }]);
});

const byIndex = (a: unknown, b: unknown): number => (a as { index: number }).index - (b as { index: number }).index;
