import { describe, expect, test } from 'vitest';
import { connect, createWorker, defineTasks, isDistributedError } from '../../src/index.ts';
import { namedTasks } from '../support/named-tasks.ts';
import { SERVERS } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useCrew, useStore } from '../support/use-bench.ts';

/** Real processes that die. Needs `npm run build` first. */

const nothing = (): void => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

describe.each(SERVERS)('on %s', (_store, makeStore) => {
  const store = useStore(makeStore);
  const crew = useCrew(store);

  test('the tasks of a worker that is killed run again, and those that may run once are lost and do not', async () => {
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    const victim = await crew().worker(5, 1_000);
    const again = ['a', 'b', 'c'].map((text) => client.queueTask('slow', { text, ms: 500 }));
    const once = ['x', 'y'].map((text) => client.queueTaskOnce('slow', { text, ms: 60_000 }).catch((e: unknown) => e));
    await until(() => Object.keys(crew().log.begun).length === 5, 'all five to run');
    await victim.end();
    await crew().worker(5, 1_000);
    expect(await Promise.all(again)).toEqual(['a', 'b', 'c']);
    const lost = await Promise.all(once);
    expect(lost.map((error) => isDistributedError(error, 'ONCE_LOST'))).toEqual([true, true]);
    expect(crew().log.begun).toEqual({
      a: expect.any(Number),
      b: expect.any(Number),
      c: expect.any(Number),
      x: 1,
      y: 1,
    });
  });

  test('the result of a submitter that is killed is there for another process', async () => {
    await crew().worker(1);
    const submitter = crew().start('submitter', JSON.stringify({ text: 'orphan', ms: 300 }));
    const id = await submitter.line();
    await submitter.end();
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    expect(await client.result(id)).toBe('orphan');
    expect(crew().log.begun).toEqual({ orphan: 1 });
  });

  test('a client that is closed before it was answered leaves nothing behind, and its process ends', async () => {
    expect(await crew().start('early-close').rest()).toEqual(['5 settled']);
  });

  test('a worker that gets SIGTERM finishes what runs, and another one goes on, nothing lost or repeated', async () => {
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    const first = await crew().worker(2);
    const texts = Array.from({ length: 12 }, (_, i) => `t${i}`);
    const results = texts.map((text) => client.queueTaskOnce('slow', { text, ms: 100 }));
    await until(() => Object.keys(crew().log.begun).length >= 3, 'some to have run');
    const [, second] = await Promise.all([first.end('SIGTERM'), crew().worker(2)]);
    expect(await Promise.all(results)).toEqual(texts);
    expect(crew().log.begun).toEqual(Object.fromEntries(texts.map((text) => [text, 1])));
    await second.end('SIGTERM');
  });

  test('a task that may run once and blocks its worker for longer than the lock begins once', async () => {
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    await crew().worker(1, 1_000);
    const result = client.queueTaskOnce('block', { text: 'busy', ms: 4_000 }).catch((error: unknown) => error);
    await until(() => crew().log.begun['busy'] === 1, 'it to run');
    await crew().worker(1, 1_000);
    // Lost, or done just before that was noticed, but in no case again.
    expect(['busy', 'ONCE_LOST']).toContain(((e) => (e as { code?: string }).code ?? e)(await result));
    expect(crew().log.begun).toEqual({ busy: 1 });
  });

  test('a task that was taken for lost, and runs elsewhere, is aborted where it was', async () => {
    let aborted: unknown;
    const hanging = defineTasks()({
      slow: (_, __: { text: string; ms: number }, { signal }) =>
        new Promise<string>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = signal.reason;
            reject(signal.reason);
          });
        }),
    });
    const sleepy = await createWorker(hanging, {
      ...{
        url: store().url,
        name: crew().name,
        workerCount: 1,
        maxWorkerCount: 1,
        lock: 500,
        lockCheck: 500,
        logger: silent,
      },
    });
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    const result = client.queueTask('slow', { text: 'moved', ms: 10 });
    await until(() => sleepy.stats().runningTasks === 1, 'it to run');
    const other = await crew().worker(1, 1_000);
    const end = performance.now() + 2_500;
    while (performance.now() < end); // nothing of this process is heard of meanwhile
    expect(await result).toBe('moved');
    expect(crew().log.lines[0]).toBe(`begin moved 2 ${other.pid}`);
    await until(() => aborted !== undefined, 'the abort');
    expect(aborted).toMatchObject({ name: 'AbortError', message: expect.stringContaining('taken for dead') });
    await sleepy.stop();
  });
});
