import { createTaskManager } from 'tasker';
import { describe, expect, it } from 'vitest';
import { until } from '../faults/until.ts';
import { compiled, hooksOf, HOSTS, open, PLACES, subjectOf } from './support.ts';
import type { Everything } from './support.ts';

describe.each(PLACES)('a call that is cancelled, %s', (place) => {
  it('before it was made rejects at once with the reason, and nothing is called', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const reason = new Error('no more');
    const call = thread.call('add', [1, 2], { signal: AbortSignal.abort(reason) });
    expect(thread.pending).toBe(0);
    await expect(call).rejects.toBe(reason);
    await end();
  });

  it('settles when its function has ended, with the very reason if that was passed on', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const controller = new AbortController();
    const log: string[] = [];
    const call = thread.call('waitForAbort', [], { signal: controller.signal });
    const settled = call.catch((error: unknown) => {
      log.push('settled');
      return error;
    });
    await thread.run('add', 1, 1);
    const reason = { odd: 'reason' };
    controller.abort(reason);
    await thread.run('add', 1, 1);
    log.push('answered');
    expect(await settled).toBe(reason);
    expect(log).toEqual(['answered', 'settled']);
    await end();
  });

  it('gets the result of a function that takes no notice', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const controller = new AbortController();
    const call = thread.call('ignoreAbort', [20], { signal: controller.signal });
    await thread.run('add', 1, 1);
    controller.abort();
    expect(await call).toBe('finished all the same');
    controller.abort();
    await end();
  });

  it('gives its reason to the function, whatever it is', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    for (const reason of [() => 1, undefined, new TypeError('t'), Object.assign(new Error('e'), { call: () => 1 })]) {
      const controller = new AbortController();
      const call = thread.call('waitForAbort', [], { signal: controller.signal });
      await thread.run('add', 1, 1);
      controller.abort(reason);
      await expect(call).rejects.toBe(controller.signal.reason);
    }
    await end();
  });
});

describe.each(HOSTS)('a call that is cancelled while nothing rests, %s', (place) => {
  it('is seen by the function, by `aborted` and by `throwIfAborted()`', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    for (const name of ['spinUntilAborted', 'spinAndThrow'] as const) {
      const controller = new AbortController();
      const reason = new Error('stop spinning');
      const call = thread.call(name, [], { signal: controller.signal });
      setTimeout(() => controller.abort(reason), 20);
      if (name === 'spinUntilAborted') expect(await call).toBe('stop spinning');
      else await expect(call).rejects.toBe(reason);
    }
    await end();
  });

  it('never begins if it waits behind another, whose messages lose nothing', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const [first, second] = [new AbortController(), new AbortController()];
    const spinning = thread.call('spinUntilAborted', [], { signal: first.signal });
    const waiting = thread.call('spin', [], { signal: second.signal });
    const later = thread.run('give', { still: 'there' });
    const unwanted = new Error('not wanted');
    setTimeout(() => {
      second.abort(unwanted);
      first.abort(new Error('first'));
    }, 20);
    expect(await spinning).toBe('first');
    await expect(waiting).rejects.toBe(unwanted);
    expect(await later).toEqual({ still: 'there' });
    await end();
  });
});

describe.each(HOSTS)('an abort, %s', (place) => {
  it('right behind its call reaches it', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const call = thread.call('waitForAbort', [], { signal: controller.signal });
      if (i % 2 === 1) await thread.run('add', 1, 2);
      controller.abort();
      await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    }
    await end();
  });
});

describe.each(HOSTS)('what computes on after an abort, %s', (place) => {
  const stuck = {
    code: 'THREAD_STUCK',
    message: `${subjectOf(place, 'everything')} computed on for 50 ms after a call was aborted, and was ended`,
  };

  it('is ended, so that its other calls can be tried elsewhere', async () => {
    const { thread, deaths, end } = await open<Everything>(place, 'everything', { abortTimeout: 50 });
    const controller = new AbortController();
    const abortSoon = (): void => void setTimeout(() => controller.abort(), 30);
    const waiting = thread.run('ignoreAbort', 1e6);
    const calls = [thread.call('spinLater', [abortSoon], { signal: controller.signal }), waiting];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(stuck)));
    expect(deaths).toMatchObject([stuck]);
    await end();
  });

  it('is left alone while it is in another call, or if it rests', async () => {
    // A busy machine may not let the thread see an abort for a while.
    const { thread, deaths, end } = await open<Everything>(place, 'everything', { abortTimeout: 1_000 });
    const controller = new AbortController();
    const other = new AbortController();
    const long = thread.call('spinUntilAborted', [], { signal: other.signal });
    const waiting = thread.call('add', [1, 2], { signal: controller.signal });
    const rejected = expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    setTimeout(() => controller.abort(), 10);
    setTimeout(() => other.abort(new Error('at last')), 1_600);
    expect(await long).toBe('at last');
    await rejected;
    const deaf = new AbortController();
    const call = thread.call('ignoreAbort', [1_400], { signal: deaf.signal });
    setTimeout(() => deaf.abort(), 200); // when it has begun: a call that has not ends at once
    expect(await call).toBe('finished all the same');
    expect(deaths).toEqual([]);
    await end();
  });

  it('no longer holds up the tasks beside it', async () => {
    const manager = await createTaskManager({
      ...hooksOf<Everything>(place, compiled('everything'), { abortTimeout: 50 }),
      workerCount: 1,
      maxWorkerCount: 1,
      tasksPerWorker: 2,
      resourcePoolSize: 0,
      abandonAfter: 50,
    });
    const spinning = manager.queueTask((thread, { signal }) => thread.call('spin', [], { signal }), { timeout: 50 });
    const sum = manager.queueTask((thread) => thread.run('add', 1, 2));
    await expect(spinning).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await sum).toBe(3);
    await manager.stop();
  });
});

describe.each(HOSTS)('a task that is cancelled, %s', (place) => {
  it('keeps its place in quarantine until its function in the thread has ended', async () => {
    const hooks = hooksOf<Everything>(place, compiled('everything'));
    const manager = await createTaskManager({ ...hooks, workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 0 });
    const handle = manager.submit((thread, { signal }) => thread.call('waitForAbort', [], { signal }));
    await until(() => handle.state === 'running', 'the task to run');
    const next = manager.queueTask((thread) => thread.run('add', 1, 2));
    handle.cancel('not any more');
    await expect(handle.result).rejects.toBe('not any more');
    expect(manager.stats()).toMatchObject({ quarantinedWorkers: 1, queuedTasks: 1 });
    expect(await next).toBe(3);
    expect(manager.metrics().totalResourcesCreated).toBe(1);
    await manager.stop();
  });

  it('and takes no notice has its thread ended after abandonAfter, though it spins, and the call rejects', async () => {
    const reasons: string[] = [];
    const hooks = hooksOf<Everything>(place, compiled('everything'));
    const manager = await createTaskManager({
      ...hooks,
      onDestroy: (thread, reason) => {
        reasons.push(reason);
        return hooks.onDestroy(thread, reason);
      },
      workerCount: 1,
      maxWorkerCount: 1,
      resourcePoolSize: 0,
      abandonAfter: 50,
    });
    let call: Promise<never> | undefined;
    const task = manager.queueTask(
      (thread, { signal }) => {
        call = thread.call('spin', [], { signal });
        return call;
      },
      { timeout: 50 },
    );
    await expect(task).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await manager.queueTask((thread) => thread.run('add', 1, 2))).toBe(3);
    expect(reasons).toEqual(['abandoned']);
    await expect(call).rejects.toMatchObject({
      code: 'THREAD_EXITED',
      message: `${subjectOf(place, 'everything')} was ended before it answered`,
    });
    await manager.stop();
  });
});
