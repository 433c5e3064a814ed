import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { connect, defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { namedTasks } from '../support/named-tasks.ts';
import { SERVERS, memoryStore } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { useBench, useCrew, useStore } from '../support/use-bench.ts';

/** Clocks that are wrong by an hour, or become so. Needs `npm run build` first. */

const HOUR = 3_600_000;
const LOCK = 1_000;
/** Several locks. */
const LONG = 2_500;

const { now } = Date;
const shiftClock = (by: number): void => void vi.spyOn(Date, 'now').mockImplementation(() => now() + by);
afterEach(() => {
  vi.restoreAllMocks();
});

function jumps(bench: () => Bench): void {
  test('a clock that jumps ahead and back while tasks run and wait has none run twice, stick, or start too soon', async () => {
    const log: string[] = [];
    const tasks = defineTasks()({
      run: async (_, { text, ms }: { text: string; ms: number }) => {
        log.push(text);
        await setTimeout(ms);
        return text;
      },
    });
    const client = await bench().client(tasks);
    for (let i = 0; i < 2; i++) await bench().worker(tasks, { lock: LOCK, lockCheck: LOCK / 4 });
    const running = client.queueTaskOnce('run', { text: 'running', ms: LONG });
    const early = client.queueTask('run', { text: 'early', ms: 0 }, { delay: 2_000 });
    await until(() => log.length === 1, 'one to run');
    shiftClock(HOUR);
    const later = client.queueTask('run', { text: 'later', ms: 0 }, { delay: 2_000 });
    expect(await client.queueTask('run', { text: 'at once', ms: 0 })).toBe('at once');
    shiftClock(-HOUR);
    const last = client.queueTask('run', { text: 'last', ms: 0 }, { delay: 2_000 });
    expect(await client.queueTask('run', { text: 'at once again', ms: 0 })).toBe('at once again');
    expect(await Promise.all([running, early, later, last])).toEqual(['running', 'early', 'later', 'last']);
    expect(log).toEqual(['running', 'at once', 'at once again', 'early', 'later', 'last']);
  });
}

describe.each(SERVERS)('on %s', (_store, makeStore) => {
  const store = useStore(makeStore);
  const crew = useCrew(store);
  jumps(useBench(store));

  test('machines whose clocks are wrong take nothing that others run, lose nothing, and hold nothing back when they die', async () => {
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    const [ahead] = await Promise.all([
      crew().workerWithClock(HOUR, 1, LOCK),
      crew().workerWithClock(-HOUR, 1, LOCK),
      crew().worker(1, LOCK),
    ]);
    const once = ['a', 'b', 'c'].map((text) => client.queueTaskOnce('slow', { text, ms: LONG }));
    expect(await Promise.all(once)).toEqual(['a', 'b', 'c']);
    expect(crew().log.begun).toEqual({ a: 1, b: 1, c: 1 });

    const again = ['d', 'e', 'f'].map((text) => client.queueTask('slow', { text, ms: LONG }));
    await until(() => Object.keys(crew().log.begun).length === 6, 'all to run');
    await ahead?.end();
    expect(await Promise.all(again)).toEqual(['d', 'e', 'f']);
    expect(crew().log.lines.filter((line) => line.startsWith('begin')).length).toBe(7);
  });

  test('what has a minute is run, also where a machine is an hour ahead, and what is too late is not where one is behind', async () => {
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    const ahead = await crew().workerWithClock(HOUR, 1, LOCK);
    for (const limits of [
      { queueTimeout: 60_000 },
      { deadline: 60_000 },
      { deadline: new Date(Date.now() + 60_000) },
    ]) {
      expect(await client.queueTask('quick', { text: 'timely' }, limits)).toBe('timely');
    }
    await ahead.end();
    const late = await client.submit('quick', { text: 'late' }, { queueTimeout: 1 });
    await crew().workerWithClock(-HOUR, 1, LOCK);
    await until(async () => (await client.stats()).failed === 1, 'it to be ended');
    expect(crew().log.begun).toEqual({ timely: 3 });
    await expect(client.result(late)).rejects.toMatchObject({ code: 'QUEUE_TIMEOUT' });
  });

  test('results stay, also where a machine ends tasks that is an hour ahead', async () => {
    await using client = await connect(namedTasks, store().url, { name: crew().name });
    const right = await crew().worker(1, LOCK);
    const early = await client.submit('quick', { text: 'early' });
    expect(await client.result(early)).toBe('early');
    await right.end();
    await crew().workerWithClock(HOUR, 1, LOCK);
    for (const text of ['later', 'last']) expect(await client.queueTask('quick', { text })).toBe(text);
    expect(await client.result(early)).toBe('early');
  });
});

describe('on PGlite', () => jumps(useBench(useStore(memoryStore))));
