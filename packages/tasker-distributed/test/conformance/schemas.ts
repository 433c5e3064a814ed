import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';

/** The least of a library that knows Standard Schema. */
const schema = <I, O>(convert: (value: unknown) => O): StandardSchemaV1<I, O> => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) => {
      try {
        return { value: convert(value) };
      } catch (error) {
        return { issues: [{ message: (error as Error).message, path: ['n'] }] };
      }
    },
  },
});
const positive = schema<{ n: number }, bigint>((value) => {
  const { n } = value as { n: number };
  if (!(n > 0)) throw new Error('must be above 0');
  return BigInt(n);
});
const text = schema<string, number>((value) => {
  if (typeof value !== 'string') throw new Error('must be a string');
  return value.length;
});

export function schemas(bench: () => Bench): void {
  describe('schemas', () => {
    test('check on both sides, and convert for whoever receives', async () => {
      const tasks = defineTasks()({
        size: { input: positive, output: text, run: (_, n) => (n === 7n ? (7 as never) : 'x'.repeat(Number(n))) },
      });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      expect(await client.queueTask('size', { n: 3 })).toBe(3);
      const error = await failing(client.queueTask('size', { n: 0 }));
      expect(error).toMatchObject({ code: 'INVALID_INPUT', message: 'input.n of "size": must be above 0' });
      expect(error).toMatchObject({ issues: [{ message: 'must be above 0', path: ['n'] }] });
      expect(await failing(client.queueTask('size', { n: 7 }))).toMatchObject({ code: 'INVALID_OUTPUT' });
    });

    test('check in the worker, too, what an older client has let through', async () => {
      const strict = defineTasks()({ size: { input: positive, run: (_, n) => Number(n) } });
      const older = defineTasks()({ size: (_, { n }: { n: number }) => n });
      await bench().worker(strict);
      const client = await bench().client(older);
      expect(await failing(client.queueTask('size', { n: -1 }))).toMatchObject({ code: 'INVALID_INPUT' });
    });
  });
}
