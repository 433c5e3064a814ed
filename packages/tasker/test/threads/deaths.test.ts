import { createTaskManager } from 'tasker';
import type { TaskManager, TaskManagerConfig } from 'tasker';
import { processes, threads } from 'tasker/threads';
import type { Thread, ThreadHooks } from 'tasker/threads';
import { describe, expect, it } from 'vitest';
import { until } from '../faults/until.ts';
import { compiled, hooksOf, HOSTS, open, subjectOf } from './support.ts';
import type { Everything, Host } from './support.ts';

type T = Thread<Everything>;

/** A limit of 24 MB, as each host has it. */
const limited = (host: Host): ThreadHooks<Everything> =>
  host === 'in a thread'
    ? threads(compiled('everything'), { resourceLimits: { maxOldGenerationSizeMb: 24 }, stderr: 'ignore' })
    : processes(compiled('everything'), { execArgv: ['--max-old-space-size=24'], stderr: 'ignore' });

function start(host: Host, overrides: Partial<TaskManagerConfig<T>> = {}): Promise<TaskManager<T>> {
  return createTaskManager<T>({
    ...limited(host),
    workerCount: 2,
    maxWorkerCount: 2,
    resourcePoolSize: 0,
    ...overrides,
  });
}

interface Death {
  readonly host: Host;
  readonly why: string;
  readonly die: (thread: T) => Promise<unknown>;
  readonly error: object;
}

const BY_SIGNAL = {
  SIGSEGV: 'it crashes',
  SIGABRT: 'it aborts',
  SIGKILL: 'it is killed',
  SIGTERM: 'it is told to end',
};

const DEATHS: Death[] = [
  ...HOSTS.flatMap((host): Death[] => [
    {
      host,
      why: 'it exits',
      die: (thread) => thread.run('exit', 3),
      error: { code: 'THREAD_EXITED', message: `${subjectOf(host, 'everything')} exited with code 3` },
    },
    {
      host,
      why: 'it throws outside of a call',
      die: (thread) => thread.run('throwOutside'),
      error: { code: 'THREAD_FAILED', cause: { name: 'RangeError', message: 'outside of a call' } },
    },
    {
      host,
      why: 'a rejection is unhandled',
      die: (thread) => thread.run('rejectUnhandled'),
      error: { code: 'THREAD_FAILED', cause: { name: 'RangeError', message: 'unhandled' } },
    },
  ]),
  {
    host: 'in a thread',
    why: 'it runs out of memory',
    die: (thread) => thread.run('eatMemory'),
    error: { code: 'OUT_OF_MEMORY', cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } },
  },
  {
    host: 'in a child process',
    why: 'it runs out of memory',
    die: (thread) => thread.run('eatMemory'),
    error: { code: 'THREAD_EXITED', message: expect.stringMatching(/ was ended by SIG(ABRT|TRAP)$/) as string },
  },
  ...Object.entries(BY_SIGNAL).map(([signal, why]): Death => ({
    host: 'in a child process',
    why,
    die: (thread) => thread.run('crash', signal as NodeJS.Signals),
    error: {
      code: 'THREAD_EXITED',
      message: `${subjectOf('in a child process', 'everything')} was ended by ${signal}`,
    },
  })),
];

describe.each(DEATHS)('what dies $host because $why', ({ host, die, error }) => {
  it('rejects its calls and is replaced; its tasks are tried elsewhere, and no other thread is touched', async () => {
    const manager = await start(host);
    const numbers = Array.from({ length: 60 }, (__, i) =>
      manager.queueTask((thread, { attempt }) =>
        i % 20 === 7 && attempt === 1 ? die(thread) : thread.run('add', i, 1),
      ),
    );
    const hopeless = manager.queueTask(die, { retry: { maxRetries: 1 } });
    await expect(hopeless).rejects.toMatchObject({ code: 'RETRIES_EXHAUSTED', cause: error });
    await expect(manager.queueTaskOnce(die)).rejects.toMatchObject(error);
    await expect(manager.runTask(die)).rejects.toMatchObject(error);
    expect(await Promise.all(numbers)).toEqual(Array.from({ length: 60 }, (__, i) => i + 1));
    await until(() => manager.stats().activeWorkers === 2, 'the threads to be back');
    await manager.stop();
  });
});

describe.each(HOSTS)('what dies, %s', (host) => {
  it('rejects all that is under way, streams and callbacks too, with one ThreadError; what comes later, too', async () => {
    const { thread, deaths, end } = await open<Everything>(host, 'everything');
    const items = thread.stream('waitForEver', []);
    await items.next();
    const calls = [items.next(), thread.run('report', 1, () => new Promise(() => {})), thread.run('ignoreAbort', 1e6)];
    const exit = thread.run('exit', 2);
    for (const call of [...calls, exit])
      await expect(call).rejects.toMatchObject({ name: 'ThreadError', code: 'THREAD_EXITED' });
    await expect(thread.run('add', 1, 2)).rejects.toMatchObject({ code: 'THREAD_EXITED' });
    await expect(thread.stream('count', [1]).next()).rejects.toMatchObject({ code: 'THREAD_EXITED' });
    expect(await items.next()).toEqual({ value: undefined, done: true });
    expect(thread.pending).toBe(0);
    expect(deaths).toMatchObject([{ code: 'THREAD_EXITED' }]);
    await end();
  });

  it('while it is idle is replaced before anybody asks', async () => {
    const manager = await start(host);
    const { totalResourcesCreated: before } = manager.metrics();
    expect(await manager.queueTask((thread) => thread.run('dieLater'))).toBe('fine');
    await until(() => manager.metrics().totalResourcesCreated > before, 'a new thread');
    await until(() => manager.stats().activeWorkers === 2, 'all threads');
    expect(await manager.queueTask((thread) => thread.run('add', 1, 2))).toBe(3);
    await manager.stop();
  });

  it('is what checkHealth calls unhealthy, and nothing else', async () => {
    const { checkHealth } = hooksOf(host, compiled('everything'));
    const manager = await start(host);
    const errors = await Promise.all(
      [
        (thread: T): unknown => thread.run('fail', 'type'),
        (thread: T): unknown => thread.run('giveFunction'),
        (thread: T): unknown => thread.run('ad' as 'spin'),
        (thread: T): unknown => thread.run('add', (() => 1) as never, Symbol('s') as never),
      ].map((task) =>
        manager.queueTask(task).then(
          () => 'none',
          (error: unknown) => error,
        ),
      ),
    );
    expect(errors).toHaveLength(4);
    expect(errors.map(checkHealth)).toEqual([true, true, true, true]);
    expect(manager.metrics().totalResourcesCreated).toBe(2);
    expect(manager.metrics().totalTasksRetried).toBe(0);
    await manager.stop();
  });
});
