import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type { Thread } from 'tasker/threads';
import { describe, expect, it } from 'vitest';
import { compiled, hooksOf, HOSTS, open, PLACES } from './support.ts';
import type { Everything } from './support.ts';

describe.each(PLACES)('functions of a module, %s', (place) => {
  it('are called, and their results awaited', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    expect(await thread.run('add', 1, 2)).toBe(3);
    expect(await thread.run('addLater', 1, 2)).toBe(3);
    expect(await thread.call('add', [3, 4])).toBe(7);
    expect(thread.pending).toBe(0);
    await end();
  });

  it.each(['giveRevoked', 'giveBadThen', 'throwRevoked', 'throwOddMessage'] as const)(
    'may give or throw what throws when it is looked at: %s',
    async (name) => {
      const { thread, deaths, end } = await open<Everything>(place, 'everything');
      const [bad, good] = [thread.run(name), thread.run('add', 1, 2)];
      await expect(bad).rejects.toBeInstanceOf(Error);
      expect([await good, await thread.run('add', 3, 4), deaths]).toEqual([3, 7, []]);
      await end();
    },
  );

  it('may look at their signal when they have ended', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    await thread.run('keepThis');
    expect(await thread.run('lookLate')).toBe(false);
    await end();
  });

  it('give the bytes of a Buffer, which is no Buffer any more', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    expect([...(await thread.run('bufferOf', 'hi'))]).toEqual([104, 105]);
    await end();
  });

  it('get and give whatever can be cloned', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const values = [
      undefined,
      null,
      1.5,
      10n,
      'text',
      true,
      [1, [2]],
      { a: { b: new Date(5) } },
      new Map([[{ k: 1 }, new Set(['v'])]]),
      new Uint8Array([1, 2, 3]),
    ];
    expect(await thread.run('echo', ...values)).toEqual(values);
    for (const value of values) expect(await thread.run('give', value)).toEqual(value);
    await end();
  });

  it('are called in order, however many at once, and each caller gets his own answer', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const order: number[] = [];
    const answers = Array.from({ length: 500 }, async (_, i) => {
      const answer = await (i % 3 === 0 ? thread.run('give', { i }) : thread.run('give', i));
      order.push(i);
      return answer;
    });
    expect(thread.pending).toBe(500);
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 500 }, (_, i) => (i % 3 === 0 ? { i } : i)));
    expect(order).toEqual(Array.from({ length: 500 }, (_, i) => i));
    await end();
  });

  it('get what there was at the time of the call, and share no object with another call', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const shared = { i: 0 };
    const answers = [1, 2, 3].map((i) => {
      shared.i = i;
      return thread.run('give', shared);
    });
    const [first, second, third] = (await Promise.all(answers)) as [object, object, object];
    expect([first, second, third]).toEqual([{ i: 1 }, { i: 2 }, { i: 3 }]);
    expect(first).not.toBe(second);
    await end();
  });

  it('that the module lacks reject, with its name, a hint and what it exports', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    for (const name of ['ad', 'notAFunction', 'onCreate', 'constructor']) {
      const call = thread.run(name as 'spin');
      await expect(call).rejects.toMatchObject({ name: 'ThreadError', code: 'NO_SUCH_FUNCTION' });
      await expect(call).rejects.toThrow(/everything\S* exports no function "\w+".*; its functions: add, addLater, /);
      await expect(thread.stream(name as 'count', [1]).next()).rejects.toMatchObject({ code: 'NO_SUCH_FUNCTION' });
    }
    await expect(thread.run('ad' as 'spin')).rejects.toThrow('did you mean add?');
    await end();
  });

  it('that are generators are no calls, and say what to do', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    await expect(thread.run('count' as 'add', 1, 2)).rejects.toMatchObject({ code: 'NOT_ITERABLE' });
    await expect(thread.run('count' as 'add', 1, 2)).rejects.toThrow('use stream()');
    await end();
  });

  it('that give what cannot be cloned reject, and their thread goes on', async () => {
    const { thread, deaths, end } = await open<Everything>(place, 'everything');
    const calls = [thread.run('add', 1, 1), thread.run('giveFunction'), thread.run('add', 2, 2)];
    await expect(calls[1]).rejects.toMatchObject({ name: 'ThreadError', code: 'NOT_CLONEABLE' });
    await expect(calls[1]).rejects.toThrow('the result of giveFunction() cannot be sent');
    expect(await Promise.all([calls[0], calls[2]])).toEqual([2, 4]);
    expect(deaths).toEqual([]);
    await end();
  });

  it('are not called with what cannot be cloned', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const calls = [thread.run('give', 1), thread.run('give', new WeakMap()), thread.run('give', Symbol('s'))];
    await expect(calls[1]).rejects.toMatchObject({ code: 'NOT_CLONEABLE', cause: { name: 'DataCloneError' } });
    await expect(calls[2]).rejects.toMatchObject({ code: 'NOT_CLONEABLE', cause: { name: 'DataCloneError' } });
    expect(await calls[0]).toBe(1);
    expect(thread.pending).toBe(0);
    await end();
  });
});

describe.each(HOSTS)('resources of a task manager, %s', (place) => {
  it('run tasks, those of runTask too', async () => {
    const manager = await createTaskManager({
      ...hooksOf<Everything>(place, compiled('everything')),
      workerCount: 2,
      maxWorkerCount: 2,
      tasksPerWorker: 8,
      resourcePoolSize: 1,
    });
    const sums = Array.from({ length: 300 }, (_, i) => manager.queueTask((thread) => thread.run('add', i, i)));
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 300 }, (_, i) => 2 * i));
    expect(await manager.runTask((thread) => thread.run('add', 1, 2))).toBe(3);
    expect(await manager.queueTask((thread) => thread.id)).not.toBe(await manager.runTask((thread) => thread.id));
    await manager.stop();
  });

  it('can be wrapped, since their hooks need no `this`', async () => {
    const { onCreate, onDestroy, checkHealth } = hooksOf<Everything>(place, compiled('everything'));
    const manager = await createTaskManager({
      onCreate: async (context) => ({ thread: await onCreate(context) }),
      onDestroy: ({ thread }, reason) => onDestroy(thread, reason),
      checkHealth: (error) => !(error instanceof RangeError) && checkHealth(error),
      workerCount: 1,
      resourcePoolSize: 0,
    });
    expect(await manager.queueTask(({ thread }) => thread.run('add', 1, 2))).toBe(3);
    await manager.stop();
  });

  it('are destroyed by their own hooks only', async () => {
    const { onDestroy } = hooksOf<Everything>(place, compiled('everything'));
    await expect(onDestroy({} as Thread<Everything>, 'shutdown')).rejects.toThrow(TypeError);
  });
});

/** Never called: it has to compile, and what is marked must not. */
export async function types(thread: Thread<Everything>): Promise<void> {
  const sum: number = await thread.run('add', 1, 2);
  const later: number = await thread.call('addLater', [sum, 2], { transfer: [] });
  const items: AsyncIterableIterator<number> = thread.stream('count', [later]);
  const objects: AsyncIterableIterator<{ i: number }> = thread.stream('countLater', [later], { window: 1 });
  const resolved: AsyncIterableIterator<number> = thread.stream('yieldPromises', []);
  const letters: AsyncIterableIterator<string> = thread.stream('listLater', []);
  await thread.run('report', 1, async (i) => String(i));
  await thread.run('report', 1, (i) => String(i)); // answers at once; the function in the thread awaits it
  // @ts-expect-error -- an argument of another type
  await thread.run('add', 1, '2');
  // @ts-expect-error -- one too few
  await thread.run('add', 1);
  // @ts-expect-error -- no such name
  await thread.run('ad', 1, 2);
  // @ts-expect-error -- no function
  await thread.run('notAFunction');
  // @ts-expect-error -- a generator is streamed
  await thread.run('count', 1);
  // @ts-expect-error -- a number cannot be
  thread.stream('add', [1, 2]);
  // @ts-expect-error -- another result
  const wrong: string = await thread.run('add', 1, 2);
  const bytes: Uint8Array = await thread.run('bufferOf', 'hi');
  // @ts-expect-error -- a clone of a Buffer is none
  bytes.readUInt8(0);
  void [items, objects, resolved, letters, wrong];
}

/** The same, for a thread whose module is not typed. */
export async function untyped(): Promise<void> {
  const { onCreate } = threads('file:///some.mjs');
  const thread = await onCreate({ signal: AbortSignal.abort(), invalidate: () => {} });
  const result: unknown = await thread.run('anything', 1, {});
  const items: AsyncIterableIterator<unknown> = thread.stream('anything', []);
  // @ts-expect-error -- nobody knows
  const wrong: number = await thread.run('anything');
  void [result, items, wrong];
}
