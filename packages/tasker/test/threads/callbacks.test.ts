import { describe, expect, it } from 'vitest';
import { until } from '../faults/until.ts';
import { HOSTS, open, PLACES } from './support.ts';
import type { Everything } from './support.ts';

describe.each(PLACES)('callbacks, %s', (place) => {
  it('are called from the thread, and their answers awaited there', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const log: number[] = [];
    const answer = (i: number): string => {
      log.push(i);
      return `${i}!`;
    };
    expect(await thread.run('report', 3, answer)).toEqual(['0!', '1!', '2!']);
    expect(await thread.call('report', [1, async (i) => answer(i)])).toEqual(['0!']);
    expect(log).toEqual([0, 1, 2, 0]);
    await end();
  });

  it('may be in an object of options, which is left as it is', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const log: unknown[] = [];
    const options = { by: 2, onProgress: (value: { i: number }) => ({ seen: log.push(value) }) };
    await thread.run('reportTo', options);
    expect(log).toEqual([{ i: 0 }, { i: 1 }]);
    expect(typeof options.onProgress).toBe('function');
    await end();
  });

  it('that throw throw in the thread', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const call = thread.run('report', 3, () => {
      throw new RangeError('not that one');
    });
    await expect(call).rejects.toThrow(RangeError);
    await expect(thread.run('report', 1, () => (() => 1) as never)).rejects.toMatchObject({ name: 'DataCloneError' });
    await expect(
      thread.run('report', 1, () => Promise.reject(Object.assign(new Error('odd'), { call: () => 1 }))),
    ).rejects.toMatchObject({ message: 'odd', call: '[Function call]' });
    await end();
  });

  it('take and give streams, too', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const doubled: number[] = [];
    for await (const value of thread.stream('streamBack', [[1, 2, 3], async (i) => i * 2])) doubled.push(value);
    expect(doubled).toEqual([2, 4, 6]);
    await end();
  });

  it('need not be awaited, and a failure of one that is not is no harm', async () => {
    const { thread, deaths, end } = await open<Everything>(place, 'everything');
    const log: number[] = [];
    const call = thread.run('keep', (i) => {
      log.push(i);
      throw new Error('nobody listens');
    });
    expect(await call).toBe('done');
    await until(() => log.length === 1, 'the callback');
    expect(await thread.run('add', 1, 1)).toBe(2);
    expect(deaths).toEqual([]);
    await end();
  });

  it('end with their call', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const log: number[] = [];
    await thread.run('keep', (i) => String(log.push(i)));
    await expect(thread.run('callKept')).rejects.toMatchObject({ name: 'ThreadError', code: 'CALL_ENDED' });
    expect(log).not.toContain(2);
    await end();
  });

  it('get nothing that cannot be cloned', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    await expect(thread.run('giveCallbackAFunction', async (what) => what)).rejects.toMatchObject({
      code: 'NOT_CLONEABLE',
    });
    await end();
  });
});

describe.each(HOSTS)('a callback, %s', (place) => {
  it('is heard while the function goes on computing', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const controller = new AbortController();
    const heard: number[] = [];
    const call = thread.call(
      'reportWithoutRest',
      [
        (i) => {
          heard.push(i);
          if (heard.length === 5) controller.abort();
        },
      ],
      { signal: controller.signal },
    );
    expect(await call).toBeGreaterThanOrEqual(5);
    expect(heard.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
    await end();
  });
});
