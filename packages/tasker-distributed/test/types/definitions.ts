import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defineTasks } from 'tasker-distributed';
import type { TaskClient } from 'tasker-distributed';

/** What the compiler must infer and refuse, for the one that we use and for older ones. Nothing of it is ever called. */

interface Page {
  readonly title: string;
}

/** As a library would, it reads a number from text. */
declare const numeric: StandardSchemaV1<string, number>;

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

export const misuse = (client: TaskClient<Tasks>): readonly (() => unknown)[] => [
  () => client.queueTask('none'),
  () => client.queueTask('plain', { n: 1 }, { signal: AbortSignal.timeout(1) }),
  // @ts-expect-error: no such task
  () => client.queueTask('absent'),
  // @ts-expect-error: it needs an input
  () => client.queueTask('plain'),
  // @ts-expect-error: not that one
  () => client.queueTask('plain', { n: '1' }),
  // @ts-expect-error: the schema takes text
  () => client.submit('schemed', 1),
  // @ts-expect-error: no such option
  () => client.queueTask('plain', { n: 1 }, { late: true }),
  async () => (await client.result(await client.submit('plain', { n: 1 }))).title,
  // @ts-expect-error: the id knows the result
  async () => (await client.result(await client.submit('plain', { n: 1 }))).absent,
];

export const mismatches = (): readonly unknown[] => [
  defineTasks<Page>()({
    fits: { output: numeric, run: async (page) => page.title },
    // @ts-expect-error: the schema takes text
    falls: { output: numeric, run: (page) => page.title.length },
  }),
  defineTasks<Page>()({
    late: {
      input: numeric,
      output: numeric,
      // @ts-expect-error: and a promise of text
      run: async (_, n) => n,
    },
  }),
  defineTasks<Page>()({
    method: {
      output: numeric,
      // @ts-expect-error: a method, too
      async run() {
        return { a: 1 };
      },
    },
  }),
  defineTasks<Page>()({
    // @ts-expect-error: the schema makes a number of it
    taken: { input: numeric, run: (_: Page, n: string) => n },
  }),
];
