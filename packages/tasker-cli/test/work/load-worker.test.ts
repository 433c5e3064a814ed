import { expect, test } from 'vitest';
import { UsageError } from '../../src/basics/usage-error.ts';
import type { WorkerContext } from '../../src/work/define-worker.ts';
import { loadTasks } from '../../src/work/load-tasks.ts';
import { loadWorker, readWorker } from '../../src/work/load-worker.ts';
import { Folder } from '../support/command.ts';

const context = { index: 7 } as WorkerContext;

test('a bare function is given item and context', () => {
  const { run, options } = readWorker((item: unknown, { index }: WorkerContext) => [item, index], 'w.mjs');
  expect(run('a', undefined, context)).toEqual(['a', 7]);
  expect(options).toEqual({});
});

test('an object is given item, resource and context; all else of it is options, and its functions see it as this', () => {
  const worker = {
    name: 'mine',
    made: 0,
    onCreate() {
      this.made++;
    },
    onDestroy() {},
    run(...args: unknown[]) {
      return [this.made, ...args];
    },
  };
  const { run, options } = readWorker(worker, 'w.mjs');
  options.onCreate?.({} as never);
  expect(run('a', 'r', context)).toEqual([1, 'a', 'r', context]);
  expect(Object.keys(options)).toEqual(['name', 'made', 'onCreate', 'onDestroy']);
});

class Counter {
  count = 0;
}

const wrong: [exported: unknown, message: string][] = [
  [42, 'the default export of w.mjs must be a worker, as defineWorker makes it, or a function, got 42'],
  [Counter, 'the default export of w.mjs is a class; export an object that is made by it'],
  [{ name: 'x' }, 'the worker of w.mjs must have a function run(item, resource, context), it has none'],
  [{ run: 'x' }, 'the worker of w.mjs must have a function run(item, resource, context), got string'],
  [
    { run: () => {}, onCreate: () => {} },
    'the worker of w.mjs has onCreate but no onDestroy: it disposes of what onCreate has made',
  ],
  [
    { run: () => {}, onDestroy: () => {} },
    'the worker of w.mjs has onDestroy but no onCreate: it makes what onDestroy disposes of',
  ],
];

test.each(wrong)('what is no worker is refused: %o', (exported, message) => {
  expect(() => readWorker(exported, 'w.mjs')).toThrow(new UsageError(message));
});

const modules: [name: string, code: string, message: string][] = [
  ['empty.mjs', 'export const run = 1;', 'has no default export: write `export default defineWorker('],
  ['throws.mjs', 'throw new Error("no key");', 'cannot be loaded: Error: no key\n    at '],
  ['odd.mjs', 'throw Object.create(null);', 'cannot be loaded: [Object: null prototype] {}'],
  ['wrong.ts', 'let x: = 1;', 'cannot be loaded: '],
  ['worker.py', '', 'cannot be loaded: a module ends in .js, .mjs, .cjs, .ts, .mts'],
];

test.each(modules)('a module that has no worker is refused: %s', async (name, code, message) => {
  const path = new Folder().write(name, code);
  const error = await loadWorker(path).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as UsageError).message).toContain(`${path} ${message}`);
  expect((error as UsageError).message).not.toMatch(/import-module|node:internal/);
});

const missing: [name: string, code: string, remedy: string | undefined][] = [
  ['plain.mjs', "import 'not-there';", 'not-there'],
  ['plain.ts', "import x from 'not-there'; x();", 'not-there'],
  ['plain.cjs', "require('not-there/lib/part.js');", 'not-there'],
  ['scoped.mjs', "import '@not/there/part';", '@not/there'],
  ['file.mjs', "import './not-there.mjs';", undefined],
  ['file.cjs', "require('./not-there');", undefined],
  ['private.mjs', "import '#not-there';", undefined],
];

test.each(missing)('a package that is missing comes with its install command: %s', async (name, code, remedy) => {
  const { message } = (await loadWorker(new Folder().write(name, code)).catch((error: unknown) => error)) as UsageError;
  expect(/\(npm install (.+)\)$/.exec(message)?.[1]).toBe(remedy);
});

test('a worker that throws when it is read is refused', async () => {
  const path = new Folder().write('w.mjs', 'export default { get run() { throw new Error("not yet"); } };');
  await expect(loadWorker(path)).rejects.toThrow(new UsageError(`the worker of ${path} cannot be read: not yet`));
});

test('a module that is not there is refused, with a hint at one that is', async () => {
  const path = new Folder().write('w.mjs', '').slice(0, -'.mjs'.length);
  await expect(loadWorker(path)).rejects.toThrow(`${path} cannot be loaded: no such file, did you mean ${path}.mjs?`);
});

const forms: [name: string, code: string][] = [
  ['w.cjs', 'module.exports = { run: (item) => item };'],
  ['compiled.cjs', 'exports.__esModule = true; exports.default = (item) => item;'],
  ['w.mts', 'enum Kind { one = 1 }\nexport default (item: string): string => (Kind.one === 1 ? item : "");'],
];

test.each(forms)('CommonJS and TypeScript have default exports, too: %s', async (name, code) => {
  const { run } = await loadWorker(new Folder().write(name, code));
  expect(run('a', undefined, context)).toBe('a');
});

test('a module of tasks has a definition, by default, as tasks of a worker, or as its one export', async () => {
  const folder = new Folder();
  const definition = `{ names: ['a'], task: () => ({ run: () => {} }) }`;
  expect(await loadTasks(folder.write('a.mjs', `export default ${definition}`))).toMatchObject({
    tasks: { names: ['a'] },
  });
  expect(
    await loadTasks(folder.write('b.mjs', `export const mine = ${definition}; export const other = 1;`)),
  ).toMatchObject({
    options: {},
    tasks: { names: ['a'] },
  });
  const worker = await loadTasks(folder.write('c.mjs', `export default { lock: 1, tasks: ${definition} }`));
  expect(worker).toMatchObject({ options: { lock: 1 }, tasks: { names: ['a'] } });
  expect(await loadTasks(folder.write('d.mjs', 'export default { timeout: 1, run: () => 7 }'))).toMatchObject({
    options: { timeout: 1 },
    run: expect.any(Function),
  });
  for (const [text, message] of [
    [`export const a = ${definition}, b = ${definition};`, 'has no default export'],
    ['export default { tasks: 5 }', 'must be a definition, as defineTasks makes it'],
    [`export default { tasks: ${definition}, run: () => {} }`, 'has both run and tasks'],
    ['export default { get tasks() { throw new Error("trap"); } }', 'cannot be read: trap'],
  ] as const) {
    await expect(loadTasks(folder.write(`${message.slice(0, 8)}.mjs`, text))).rejects.toThrow(message);
  }
  expect(() => readWorker({ tasks: {} }, 'w.mjs')).toThrow('its tasks are for tasker worker and tasker submit');
});
