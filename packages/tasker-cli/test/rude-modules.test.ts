import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Folder, linesOf, moduleAt, tasker } from './support/command.ts';

/** `tasker run` of modules that do what they should not. Needs `npm run build` first. */

test.each(['exit', 'reject'])(
  'a module that ends the process is told of, with 1, and --resume goes on: %s',
  async (item) => {
    const folder = new Folder();
    folder.write('items.txt', `a\nb\n${item}\nc`);
    const args = ['run', moduleAt('rude.mjs'), '--lines', 'items.txt', '--out', 'out.jsonl', '--max-workers', '1'];
    const { code, stderr } = await tasker(args, { cwd: folder.path });
    expect(stderr).toContain(
      'error: the process was ended in the middle of the run, by process.exit() or an error that nothing caught\n' +
        '--resume goes on with the rest.\n',
    );
    expect(code).toBe(1);
    expect(linesOf(folder.read('out.jsonl')).slice(0, 2)).toMatchObject([{ result: 'a' }, { result: 'b' }]);
  },
);

test.each([
  ['await new Promise(() => {});', 'it waits for something that never comes'],
  ['process.exit(0);', 'it ended the process'],
])('a module that ends the process while it is loaded is told of, with 2: %s', async (code, why) => {
  const module = new Folder().write('module.mjs', `${code}\nexport default (item) => item;`);
  for (const args of [
    ['run', module, '--lines', '-'],
    ['run', module, '--help'],
  ]) {
    expect(await tasker(args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `error: ${module} cannot be loaded: ${why}\n`,
    });
  }
});

test('what a module prints, in whichever way, does not come between the results', async () => {
  for (const flags of [[], ['--threads']]) {
    const { code, lines, stderr } = await tasker(['run', moduleAt('rude.mjs'), '--lines', '-', ...flags], {}, 'print');
    expect(lines).toMatchObject([{ result: 'print' }]);
    expect(stderr).toMatch(/^by the stream\nby the console of Node\nby the console\n1 item: /);
    expect(code).toBe(0);
  }
});

test('a module that changes the current folder changes neither what is read nor what is written', async () => {
  const folder = new Folder();
  const module = folder.write('module.mjs', 'process.chdir("/"); export default (item) => item;');
  folder.write('items.txt', 'a');
  const globs = ['run', module, 'items.*', '--out', 'out.jsonl', '--failures', 'failures.jsonl'];
  const lines = ['run', module, '--lines', 'items.txt', '--out', 'other.jsonl', '--once'];
  for (const args of [globs, [...globs.slice(0, -2), '--resume-failed'], lines, [...lines, '--resume']]) {
    expect(await tasker(args, { cwd: folder.path })).toMatchObject({ code: 0 });
  }
  expect(readdirSync(folder.path).toSorted()).toEqual([
    'failures.jsonl',
    'items.txt',
    'module.mjs',
    'other.jsonl',
    'out.jsonl',
  ]);
  expect(linesOf(folder.read('out.jsonl'))).toMatchObject([{ input: 'items.txt' }]);
});
