import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expect, expectTypeOf, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import type { InputOf, ResultOf } from '../../src/index.ts';

interface Page {
  readonly title: string;
}

/** As a library would, it reads a number from text. */
const numeric: StandardSchemaV1<string, number> = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: Number(value) }) },
};

const tasks = defineTasks<Page>()({
  plain: async (page, { n }: { n: number }, { attempt }) => ({ title: page.title, n, attempt }),
  none: (page) => page.title,
  schemed: { input: numeric, output: numeric, run: (page, n) => page.title.repeat(n.toFixed(0).length) },
  method: {
    input: numeric,
    async run(page, n, { signal }) {
      return [page.title, n + 1, signal.aborted];
    },
  },
});
type Tasks = NonNullable<(typeof tasks)['tasks']>;

test('the types of inputs and results are those of functions and schemas', () => {
  expectTypeOf<InputOf<Tasks['plain']>>().toEqualTypeOf<{ n: number }>();
  expectTypeOf<ResultOf<Tasks['plain']>>().toEqualTypeOf<{ title: string; n: number; attempt: number }>();
  expectTypeOf<InputOf<Tasks['none']>>().toEqualTypeOf<undefined>();
  expectTypeOf<InputOf<Tasks['schemed']>>().toEqualTypeOf<string>();
  expectTypeOf<ResultOf<Tasks['schemed']>>().toEqualTypeOf<number>();
  expectTypeOf<ResultOf<Tasks['method']>>().toEqualTypeOf<(string | number | boolean)[]>();
});

test('what is no task is refused at once', () => {
  const define = defineTasks() as unknown as (tasks: unknown) => unknown;
  expect(() => define(null)).toThrow('tasks must be an object');
  expect(() => define({ 'a\0': () => 1 })).toThrow('names of tasks must be without NUL and lone surrogates');
  expect(() => define({ a: 1 })).toThrow('tasks.a must be a function or an object with a run method');
  expect(() => define({ a: { run: () => 1, input: 7 } })).toThrow("tasks.a.input must be a schema with a '~standard'");
});

test('a name that it lacks is told, with the closest that it has', () => {
  expect(tasks.names).toEqual(['plain', 'none', 'schemed', 'method']);
  expect(() => tasks.task('plane')).toThrow('the definition has no task "plane", did you mean "plain"?');
  expect(() => tasks.task('toString')).toThrow('the definition has no task "toString"');
});
