import { describe, expect, it } from 'vitest';
import { createTaskManager, isTaskerError } from '../../src/index.ts';
import type { TaskerError, TaskManager } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { harness, start, watch } from '../support/harness.ts';

const message = ({ error }: { error?: unknown }): string => (error as Error).message;

const hangs = (): Promise<void> => new Promise(() => {});

describe('an error of ours', () => {
  it('names the task, by its number and its name', async () => {
    const { manager, clock } = await start({
      maxWorkerCount: 1,
      maxQueueSize: 3,
      maxRetries: 0,
      checkHealth: (error) => (error as Error).message !== 'sick',
    });
    const outcomes = [
      watch(manager.queueTask(() => Promise.reject(new Error('sick')), { name: 'mail' })),
      watch(manager.queueTask(hangs, { timeout: 10, name: 'mail' })),
      watch(manager.queueTask(hangs, { queueTimeout: 5 })),
      watch(manager.queueTask(hangs, { deadline: 5 })),
      watch(manager.queueTask(hangs, { name: 'too much' })),
    ];
    await clock.advance(20);
    const killed = watch(manager.queueTask(hangs, { name: 'last' }));
    await clock.advance(0);
    watch(manager.kill());
    await clock.advance(0);
    expect([...outcomes, killed].map(message)).toEqual([
      'task 1 "mail" was unhealthy on run 1 of 1, as maxRetries is 0: sick',
      'task 2 "mail" ran longer than its timeout, 10 ms',
      'task 3 waited longer than its queueTimeout, 5 ms',
      'task 4 passed its deadline, 5 ms after its submission',
      'task 5 "too much" was refused, since the queue is full: maxQueueSize is 3',
      'task 6 "last" was ended, since the task manager was killed',
    ]);
  });

  it('about a creation says why it failed', async () => {
    const { clock, config, adopt } = harness();
    const boom = new Error('ECONNREFUSED 127.0.0.1:5432');
    const failed = watch(createTaskManager(config({ onCreate: () => Promise.reject(boom) })));
    await clock.advance(0);
    expect(message(failed)).toBe('a resource could not be made at the start: ECONNREFUSED 127.0.0.1:5432');

    let isDown = false;
    const { fakes } = harness();
    const starting = createTaskManager(
      config({
        onCreate: (context) => (isDown ? Promise.reject(boom) : fakes.onCreate(context)),
        onDestroy: (resource) => fakes.onDestroy(resource, 'shutdown'),
        checkHealth: () => false,
        createBackoff: () => 10,
      }),
    );
    await clock.advance(0);
    const manager = adopt(await starting);
    isDown = true;
    watch(manager.queueTaskOnce(() => Promise.reject(new Error('sick'))));
    const waiting = [
      watch(manager.queueTask(() => 1, { name: 'a' })),
      watch(manager.queueTask(() => 1, { name: 'b' })),
    ];
    const direct = watch(manager.runTask(() => 1));
    await clock.advance(1_000);
    expect([...waiting, direct].map(message)).toEqual([
      'task 2 "a" has no worker: none is left, and none could be made: ECONNREFUSED 127.0.0.1:5432',
      'task 3 "b" has no worker: none is left, and none could be made: ECONNREFUSED 127.0.0.1:5432',
      'task 4 got no resource, since none could be made: ECONNREFUSED 127.0.0.1:5432',
    ]);
  });

  it('tells in its stack where the task was submitted, if stuckAfter is on', async () => {
    for (const stuckAfter of [1_000, Infinity]) {
      const { clock, manage } = harness();
      const manager = await manage({ maxWorkerCount: 1, stuckAfter });
      const submitMail = (timeout: number) => watch(manager.queueTask(() => new Promise(() => {}), { timeout }));
      const outcomes = [submitMail(10)];
      await clock.advance(20);
      outcomes.push(submitMail(10_000), submitMail(10_000));
      await clock.advance(0);
      watch(manager.kill());
      await clock.advance(0);
      for (const { error } of outcomes) {
        const { stack } = error as TaskerError;
        expect(stack?.includes('submitMail')).toBe(stuckAfter < Infinity);
        expect(stack?.includes('submitted')).toBe(stuckAfter < Infinity);
        expect(stack).not.toContain('undefined');
        expect(stack?.split('submitted')[0]).toMatch(/\n\s+at /);
      }
      const taken = await manage({ maxWorkerCount: 1, stuckAfter });
      const held = await taken.lease();
      const leasing = watch(taken.lease({ queueTimeout: 10 }));
      await clock.advance(20);
      expect((leasing.error as TaskerError).stack?.includes('asked for')).toBe(stuckAfter < Infinity);
      await held.release();
    }
  });
});

describe('a wrong argument is named, with the rule and what was given:', () => {
  const calls: [RegExp, (manager: TaskManager<FakeResource>) => unknown][] = [
    [/^task must be a function or an object with an execute method, got 5/, (m) => m.queueTask(5 as never)],
    [/^options must be an object, got 5/, (m) => m.queueTask(() => 1, 5 as never)],
    [/^timeout must be /, (m) => m.queueTask(() => 1, { timeout: -1 })],
    [/^retry\.maxRetries must be /, (m) => m.queueTask(() => 1, { retry: { maxRetries: -1 } })],
    [/^key must be /, (m) => m.lease({ key: 5 as never })],
    [/^items must be an iterable or an async iterable, got 5/, (m) => m.map(5 as never, () => 1).next()],
    [/^items must be an iterable or an async iterable, got /, (m) => m.map({} as never, () => 1).next()],
    [/^fn must be a function, got 5/, (m) => m.map([1], 5 as never).next()],
    [/^ordered must be true or false, got 5/, (m) => m.map([1], () => 1, { ordered: 5 as never }).next()],
    [/is not an event, did you mean completed\?$/, (m) => m.on('complete' as never, () => {})],
    [/is not an event$/, (m) => m.on('something else' as never, () => {})],
    [/^listener must be a function, got 5/, (m) => m.on('completed', 5 as never)],
    [/^on must be an object, got 5/, () => createTaskManager({ ...harness().config(), on: 5 as never })],
    [
      /^on\.complete is not an event, did you mean on\.completed\?$/,
      () => createTaskManager({ ...harness().config(), on: { complete() {} } as never }),
    ],
    [/^limit must be a number above 0, got 0/, (m) => m.onSizeLessThan(0)],
    [/^options must be an object, got 5/, (m) => m.recycle(5 as never)],
    [/^reason must be /, (m) => m.recycle({ reason: 5 as never })],
    [/^options must be an object, got 5/, (m) => m.stop(5 as never)],
    [/^timeout must be /, (m) => m.stop({ timeout: -1 })],
    [/^workerCount must be /, (m) => m.resize({ workerCount: 0 })],
  ];

  it.each(calls)('%s', async (message, call) => {
    const { manager } = await start();
    const told = await (async () => call(manager))().catch((error: unknown) => error);
    expect([isTaskerError(told, 'INVALID_CONFIG'), (told as Error).message]).toEqual([
      true,
      expect.stringMatching(message),
    ]);
  });
});
