import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import type { Thread } from 'tasker/threads';
import { describe, expect, it } from 'vitest';
import { until } from '../faults/until.ts';
import * as everything from './modules/everything.ts';
import type { Data } from './modules/stateful.ts';
import { compiled, hooksOf, HOSTS, open, PLACES, subjectOf } from './support.ts';
import type { Everything, Host, HostOptions, Stateful } from './support.ts';

type Config = Partial<TaskManagerConfig<Thread<Stateful>>>;

function startOn(
  host: Host,
  data: Data,
  config: Config = {},
  options: HostOptions<Stateful> = {},
): Promise<TaskManager<Thread<Stateful>>> {
  const hooks = hooksOf<Stateful>(host, compiled('stateful'), { data, ...options });
  return createTaskManager({ ...hooks, workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 0, ...config });
}

const newLog = (): string => join(mkdtempSync(join(tmpdir(), 'tasker-threads-')), 'log');
const read = (log: string): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');

describe.each(PLACES)('the state of a module, %s', (place) => {
  it('is made of the data by its onCreate, lives as long as the thread, and is `this.state` of its functions', async () => {
    const { thread, end } = await open<Stateful>(place, 'stateful', { data: { name: 'a' } });
    expect([await thread.run('next'), await thread.run('next')]).toEqual(['a 1', 'a 2']);
    await end();
  });

  it('is cleaned up by its onDestroy, which is awaited, and whose error is told', async () => {
    const log = newLog();
    const { thread, end } = await open<Stateful>(place, 'stateful', { data: { name: 'a', log, fail: 'destroy' } });
    await thread.run('next');
    await expect(end()).rejects.toThrow('cannot close a');
    expect(read(log)).toBe('destroyed a after 1 calls\n');
    await expect(thread.run('next')).rejects.toMatchObject({ code: 'THREAD_EXITED' });
  });

  it('need not exist: functions that know no `this` get theirs all the same', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    expect(await thread.run('hasThis')).toBe(true);
    expect(everything.add(1, 2)).toBe(3);
    await end();
  });

  it('is not destroyed under a function: its signal aborts first', async () => {
    const log = newLog();
    const { thread, end } = await open<Stateful>(place, 'stateful', { data: { name: 'a', log } });
    const call = thread.run('waitForAbort');
    call.catch(() => {});
    await end();
    await expect(call).rejects.toMatchObject({ code: 'THREAD_EXITED' });
    expect(read(log)).toBe('destroyed a after 0 calls\n');
  });
});

describe.each(HOSTS)('a module as seen by the manager, %s', (host) => {
  const start = startOn.bind(undefined, host);

  it('whose onCreate fails, or cannot be loaded, is a failed creation with that error as its cause', async () => {
    await expect(start({ name: 'a', fail: 'create' })).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { name: 'RangeError', message: 'no a' },
    });
    await expect(start({ name: 'a', fail: 'exit' })).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { code: 'THREAD_EXITED', message: `${subjectOf(host, 'stateful')} exited with code 9` },
    });
    const lost = createTaskManager({ ...hooksOf(host, 'file:///no/such.mjs'), workerCount: 1 });
    await expect(lost).rejects.toMatchObject({ code: 'CREATE_FAILED', cause: { code: 'ERR_MODULE_NOT_FOUND' } });
    const wrong = createTaskManager({ ...hooksOf(host, 'data:text/javascript,let let'), workerCount: 1 });
    await expect(wrong).rejects.toMatchObject({ code: 'CREATE_FAILED', cause: { name: 'SyntaxError' } });
    const throwing =
      'data:text/javascript,setImmediate(() => { throw new URIError("late") }); await new Promise(() => {})';
    const late = createTaskManager({ ...hooksOf(host, throwing), workerCount: 1 });
    await expect(late).rejects.toMatchObject({ cause: { code: 'THREAD_FAILED', cause: { message: 'late' } } });
  });

  it('whose data cannot be cloned is a failed creation that says so', async () => {
    await expect(start({ name: (() => 1) as never })).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { code: 'NOT_CLONEABLE', message: expect.stringContaining('the option data') as string },
    });
  });

  it('whose onCreate hangs is given up after createTimeout, and its thread ended', async () => {
    const hanging = start({ name: 'a', hang: 'create' }, { createTimeout: 500 });
    await expect(hanging).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { message: expect.stringContaining('createTimeout') as string },
    });
  });

  it('has its onDestroy called in a stop, and for a thread that was idle for too long', async () => {
    const log = newLog();
    const manager = await start(
      { name: 'a', log },
      { maxWorkerCount: 2, idleTimeout: 20, burstInterval: 10, targetWait: 0 },
    );
    let running = 0;
    const both = async (thread: Thread<Stateful>): Promise<void> => {
      running += 1;
      await until(() => running === 2, 'a second thread'); // one alone could do both
      await thread.run('next');
    };
    await Promise.all([manager.queueTask(both), manager.queueTask(both)]);
    await until(() => read(log) !== '', 'one thread to be retired');
    expect(read(log)).toBe('destroyed a after 1 calls\n');
    await manager.stop();
    expect(read(log)).toBe('destroyed a after 1 calls\n'.repeat(2));
  });

  it('whose onDestroy hangs has its thread ended after destroyTimeout, and the manager hears of it', async () => {
    const manager = await start({ name: 'a', hang: 'destroy' }, {}, { destroyTimeout: 100 });
    const errors: unknown[] = [];
    manager.on('error', ({ error }) => errors.push(error));
    const thread = await manager.queueTask((thread) => thread);
    await manager.stop();
    expect(errors).toMatchObject([{ message: "the module's onDestroy took longer than destroyTimeout, 100 ms" }]);
    await expect(thread.run('next')).rejects.toMatchObject({ code: 'THREAD_EXITED' });
  });

  it('that is killed under a function has half a second to end it, and no more', async () => {
    const manager = await start({ name: 'a' });
    const spinning = await manager.queueTask((thread) => ({ call: thread.run('spin') }));
    const rejected = expect(spinning.call).rejects.toMatchObject({ code: 'THREAD_EXITED' });
    await manager.kill();
    await rejected;
  });
});
