import { isTaskerError } from 'tasker';
import { expect, test } from 'vitest';
import { connect, createWorker, defineTasks } from '../../src/index.ts';
import type { ConnectOptions, PlainWorkerConfig } from '../../src/index.ts';
import { messageOf } from '../../src/basics/message-of.ts';
import { readQueueOptions } from '../../src/client/submit-options.ts';
import { failing } from '../support/failing.ts';

const tasks = defineTasks()({ run: () => 1 });

test.each([
  [{ priority: 1.5 }, 'priority must be an integer from -1048575 to 1048575, got 1.5'],
  [{ priority: 2_000_000 }, 'priority must be an integer from -1048575 to 1048575, got 2000000'],
  [{ delay: Number.NaN }, 'delay must be a finite number of milliseconds, 0 or more, got NaN'],
  [{ timeout: 0 }, 'timeout must be a finite number of milliseconds above 0, got 0'],
  [{ queueTimeout: 0 }, 'queueTimeout must be a number of milliseconds above 0, got 0'],
  [
    { deadline: new Date('never') },
    'deadline must be a number of milliseconds, 0 or more, or a valid Date, got [Date]',
  ],
  [
    { dedupe: '' },
    'dedupe must be a string or { key, ttl }, with a key of 2000 bytes at most without NUL and lone surrogates, and ttl a number of milliseconds above 0, got ""',
  ],
  [{ dedupe: 'a\0b' }, /^dedupe must be .* without NUL and lone surrogates, .*, got "a\\u0000b"$/],
  [{ dedupe: { key: '\uD83D' } }, /^dedupe must be .* without NUL and lone surrogates/],
  [{ dedupe: 'ü'.repeat(1_001) }, /^dedupe must be .* of 2000 bytes at most/],
  [{ id: 'x'.repeat(2_001) }, /^id must be .*, 2000 at most/],
  [{ retry: true }, 'retry must be false, got true'],
  [{ signal: {} }, 'signal must be an AbortSignal, got [Object]'],
  [
    { id: '7' },
    'id must be a string of letters, digits, . _ and -, 2000 at most, no number, and no word of BullMQ such as wait, got "7"',
  ],
  [
    { id: 'a:b' },
    'id must be a string of letters, digits, . _ and -, 2000 at most, no number, and no word of BullMQ such as wait, got "a:b"',
  ],
  [{ id: '-7' }, /no number, .*, got "-7"$/],
  [{ id: 'wait' }, /no word of BullMQ such as wait, got "wait"$/],
  [{ id: 'meta' }, /no word of BullMQ such as wait, got "meta"$/],
  [{ prioriy: 1 }, 'prioriy is not a known option, did you mean priority?'],
  [{ key: 'tenant' }, /^key is not a known option$/],
])('wrong options of a task are named: %o', (options, message) => {
  expect(() => readQueueOptions(options as never)).toThrow(message);
});

test.each([
  ['mysql://x', {}, 'url must start with redis://, postgres:// or pglite:, got mysql:'],
  ['postgres://me:p#ss@127.0.0.1/db', {}, 'url is malformed after its scheme'],
  ['redis://127.0.0.1/zero', {}, 'the path of a redis:// url is the number of a database'],
  ['pglite:', {}, 'url must be pglite:FOLDER or pglite://memory, got "pglite:"'],
  ['pglite://data', {}, 'url must be pglite:FOLDER or pglite://memory, got "pglite://data"'],
  ['postgres://user:pass/word@host', {}, 'url is malformed after its scheme: in a password'],
  ['redis://host:70000', {}, 'url is malformed after its scheme: in a password'],
  [new URL('redis://127.0.0.1'), {}, 'url must be a string, got [URL]'],
  ['pglite://memory', { name: 'a:b' }, 'name must be 1 to 40 letters, digits, . _ and -, got "a:b"'],
  ['pglite://memory', { telemetry: {} }, 'telemetry must be an object with a tracer and a contextManager'],
  ['pglite://memory', { storeTimeout: 0 }, 'storeTimeout must be a number of milliseconds above 0, got 0'],
] as [unknown, ConnectOptions, string][])(
  'wrong options of a client are named: %s %o',
  async (url, options, message) => {
    const error = await failing(connect(tasks, url as string, options));
    expect(isTaskerError(error, 'INVALID_CONFIG')).toBe(true);
    expect((error as Error).message).toContain(message);
  },
);

test.each([
  [{ maxQueueSize: 1 }, 'maxQueueSize is for a queue of this process, and this one is shared'],
  [{ queueRate: { limit: 0, interval: 1 } }, 'queueRate must be { limit, interval }'],
  [{ lock: 0 }, 'lock must be a number of milliseconds above 0, 2147483647 at most, got 0'],
  [{ lockCheck: 3e9 }, 'lockCheck must be a number of milliseconds above 0, 2147483647 at most, got 3000000000'],
  [{ retry: { maxRetries: -1 } }, 'maxRetries must be an integer, 0 or more, got -1'],
  [{ url: 'redis' }, 'url must start with redis://, postgres:// or pglite:, got no scheme'],
  [{ workrCount: 1 }, 'workrCount is not a known option, did you mean workerCount?'],
])('wrong options of a worker are named: %o', async (options, message) => {
  const config = { url: 'pglite://memory', workerCount: 1, ...options } as PlainWorkerConfig;
  const error = await failing(createWorker(tasks, config));
  expect(isTaskerError(error, 'INVALID_CONFIG')).toBe(true);
  expect((error as Error).message).toContain(message);
});

test('an id that no task can have is refused at the call, and not by the store', async () => {
  const client = await connect(tasks, 'pglite://memory');
  for (const id of ['', 'a\0b', '\uD83D']) {
    for (const asked of [client.result(id), client.cancel(id), client.withdraw(id)]) {
      const message = expect.stringContaining('id must be a string that is not empty, without NUL and lone surrogates');
      expect(await failing(asked)).toMatchObject({ code: 'INVALID_CONFIG', message });
    }
  }
  await client.close();
});

test('what is no definition is refused, as the tasks themselves are', async () => {
  for (const wrong of [undefined, { run: () => 1 }]) {
    const refused = [
      connect(wrong as never, 'pglite://memory'),
      createWorker(wrong as never, { url: 'pglite://memory', workerCount: 1 }),
    ];
    for (const promise of refused) {
      expect(await failing(promise)).toMatchObject({
        code: 'INVALID_CONFIG',
        message: 'tasks must be what defineTasks()({ … }) returns',
      });
    }
  }
});

test.each([
  ['postgres://me:secret@127.0.0.1:1/db?password=secret', 'PostgreSQL at postgres://127.0.0.1:1/db'],
  ['redis://me:secret@127.0.0.1:1/2', 'Redis at redis://127.0.0.1:1/2'],
])('a server that is not there is told at once, with its address and no password: %s', async (url, who) => {
  const error = await failing(connect(tasks, url));
  const message = `${who} did not let us in: connect ECONNREFUSED 127.0.0.1:1`;
  expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', message });
});

test('the several errors of a host with several addresses are all told', () => {
  const several = new AggregateError([
    new Error('connect ECONNREFUSED ::1:1'),
    new Error('connect EACCES 127.0.0.1:1'),
  ]);
  expect(messageOf(several)).toBe('connect ECONNREFUSED ::1:1, connect EACCES 127.0.0.1:1');
});
