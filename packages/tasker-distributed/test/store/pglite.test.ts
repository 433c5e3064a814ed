import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, createWorker, defineTasks, isDistributedError } from '../../src/index.ts';
import { openStore } from '../../src/store/open-store.ts';
import { failing } from '../support/failing.ts';
import { Program } from '../support/program.ts';
import { RunLog } from '../support/run-log.ts';

/** The embedded store on a folder. Needs `npm run build` first. */

const tasks = defineTasks()({ double: (_, n: number) => n * 2 });
let log: RunLog;
let url: string;

beforeEach(() => {
  log = new RunLog();
  url = `pglite:${join(log.folder, 'data')}`;
});
afterEach(() => log.remove());

test('a client and a worker of one process share it, and what is queued is there after all have closed', async () => {
  const client = await connect(tasks, url);
  const id = await client.submit('double', 21);
  await client.close();
  expect(existsSync(`${url.slice('pglite:'.length)}.lock`)).toBe(false);
  await using later = await connect(tasks, url);
  const worker = await createWorker(tasks, { url, workerCount: 1 });
  expect(await later.result(id)).toBe(42);
  expect(await later.workers()).toEqual([{ name: worker.name }]);
  await worker.stop();
});

test('a second process is refused as long as the first lives, and not after it was killed', async () => {
  const first = new Program('opener', [url]);
  expect(await first.line()).toBe('open');
  const error = await connect(tasks, url).catch((reason: unknown) => reason);
  expect(isDistributedError(error, 'STORE_IN_USE')).toBe(true);
  expect((error as Error).message).toContain(`process ${first.pid}`);
  await first.end('SIGKILL');
  const client = await connect(tasks, url);
  await client.submit('double', 1);
  const second = new Program('opener', [url]);
  expect(await second.line()).toMatch(/^STORE_IN_USE /);
  await client.close();
});

test('a file where the folder should be, or above it, is told with the url, as is what cannot be made', async () => {
  const file = join(log.folder, 'file');
  writeFileSync(file, '');
  for (const place of [file, join(file, 'data'), join(file, 'more', 'data'), `${file}\0`]) {
    const wrong = `pglite:${place}`;
    const error = await failing(connect(tasks, wrong));
    const rule = `url must name a folder, or one that can be made, got ${JSON.stringify(wrong)}: `;
    const message = expect.stringContaining(rule);
    expect(error).toMatchObject({ code: 'INVALID_CONFIG', message });
  }
});

test('whoever opens it while the last one closes it, however far that is, waits for it', async () => {
  for (let turns = 0; turns < 8; turns++) {
    const first = await openStore(url);
    const closing = first.close();
    for (let i = 0; i < turns; i++) await setImmediate();
    const second = await openStore(url);
    await closing;
    await second.close();
  }
});
