import { describe, expect, test } from 'vitest';
import { defineTasks, isDistributedError } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { failing } from '../support/failing.ts';

export function errors(bench: () => Bench): void {
  describe('errors', () => {
    test('cross with class name, message, code, data and cause', async () => {
      class Refused extends Error {
        override readonly name = 'Refused';
        readonly code = 'E_REFUSED';
        readonly data = { at: [1, 2] };
      }
      const tasks = defineTasks()({
        refuse: () => {
          throw new Refused('not here', { cause: new TypeError('too late') });
        },
        type: () => {
          throw new TypeError('of the language');
        },
      });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      const error = (await failing(client.queueTask('refuse'))) as Refused;
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        name: 'Refused',
        message: 'not here',
        code: 'E_REFUSED',
        data: { at: [1, 2] },
      });
      expect(error.cause).toBeInstanceOf(TypeError);
      expect(error.stack).toContain('errors.ts');
      expect(await failing(client.queueTask('type'))).toBeInstanceOf(TypeError);
    });

    test('cross with text that not every store keeps', async () => {
      const texts = ['a\0b', 'c\uD800d'];
      const tasks = defineTasks()({
        fail: (_, i: number) => {
          throw new Error(texts[i]);
        },
        give: (_, i: number) => texts[i],
        tell: (_, i: number, context) => context.progress(texts[i]),
      });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      for (const [i, message] of texts.entries()) {
        expect(await failing(client.queueTask('fail', i))).toMatchObject({ message });
        expect(await failing(client.queueTask('give', i))).toMatchObject({ code: 'NOT_JSON' });
        expect(await failing(client.queueTask('tell', i))).toMatchObject({ code: 'NOT_JSON' });
      }
    });

    test('of a healthy resource are not retried', async () => {
      let runs = 0;
      const tasks = defineTasks()({
        fail: () => {
          throw new Error(`run ${++runs}`);
        },
      });
      await bench().worker(tasks, { maxRetries: 5 });
      const client = await bench().client(tasks);
      expect(await failing(client.queueTask('fail'))).toMatchObject({ message: 'run 1' });
      expect(runs).toBe(1);
    });

    test('of a name that the definition lacks come at once, and nothing is queued', async () => {
      const tasks = defineTasks()({ known: () => 1 });
      const client = await bench().client(tasks);
      const error = await failing(client.queueTask('unknwn' as 'known'));
      expect(isDistributedError(error, 'UNKNOWN_TASK')).toBe(true);
      expect((error as Error).message).toContain('did you mean "known"?');
      expect(await failing(client.submit('other' as 'known'))).toMatchObject({ code: 'UNKNOWN_TASK' });
      expect(await client.stats()).toMatchObject({ queued: 0, running: 0, completed: 0 });
    });

    test('of payloads that are not JSON, or too large, come at once from the client, and as the outcome of a worker', async () => {
      const tasks = defineTasks()({
        echo: (_, input: unknown) => input,
        date: () => ({ at: [new Date()] }) as unknown,
        large: () => 'x'.repeat(1_048_576),
      });
      await bench().worker(tasks);
      const client = await bench().client(tasks);
      expect(await failing(client.queueTask('echo', { a: [1n] }))).toMatchObject({ code: 'NOT_JSON' });
      expect(await failing(client.queueTask('echo', 'x'.repeat(1_048_576)))).toMatchObject({ code: 'TOO_LARGE' });
      const error = await failing(client.queueTask('date'));
      expect(error).toMatchObject({ code: 'NOT_JSON', message: 'result of "date".at[0] must be JSON, got a Date' });
      expect(isDistributedError(error, 'NOT_JSON')).toBe(true);
      expect(await failing(client.queueTask('large'))).toMatchObject({ code: 'TOO_LARGE' });
    });
  });
}
