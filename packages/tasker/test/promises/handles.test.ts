import { describe, expect, it } from 'vitest';
import { isTaskerError } from '../../src/index.ts';
import { start, startBusy, watch } from '../support/harness.ts';

describe('a handle', () => {
  it('shows the state of its task, and its id', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 10 }) });
    const states: string[] = [];
    const handle = manager.submit((resource, context) => {
      states.push(handle.state, context.id);
      if (context.attempt === 1) throw new Error('sick');
      return resource.work(5).then(() => 'result');
    });
    states.push(handle.state);
    await clock.advance(5);
    states.push(handle.state);
    await clock.advance(15);
    states.push(handle.state);
    const { id } = handle;
    expect(states).toEqual(['queued', 'running', id, 'retrying', 'running', id, 'completed']);
    await expect(handle.result).resolves.toBe('result');
    const failing = manager.submit(() => Promise.reject(new Error('own')), { retry: false });
    await expect(failing.result).rejects.toThrow('own');
    expect(failing.state).toBe('failed');
  });

  it('cancels a waiting task, which then never runs', async () => {
    const { clock, manager, open } = await startBusy();
    let runs = 0;
    const handle = manager.submit(() => void runs++);
    const outcome = watch(handle.result);
    expect([handle.cancel('no more need'), handle.cancel('again'), handle.state]).toEqual([true, false, 'cancelled']);
    await clock.advance(0);
    expect([outcome.error, manager.stats().queuedTasks]).toEqual(['no more need', 0]);
    open();
    await clock.advance(10);
    expect([runs, manager.metrics().totalTasksCancelled]).toEqual([0, 1]);
  });

  it('cancels a running task: its signal aborts with the same reason', async () => {
    const { manager, clock } = await start();
    let signal: AbortSignal | undefined;
    const handle = manager.submit((resource, context) => {
      signal = context.signal;
      return resource.work(50);
    });
    const outcome = watch(handle.result);
    await clock.advance(10);
    const reason = { why: 'changed my mind' };
    expect(handle.cancel(reason)).toBe(true);
    await clock.advance(0);
    expect([outcome.error, signal?.reason, handle.state]).toEqual([reason, reason, 'cancelled']);
  });

  it('cancels a task in its backoff', async () => {
    const { manager, clock } = await start({ checkHealth: () => ({ resource: 'keep', task: 'retry', after: 100 }) });
    const handle = manager.submit(() => Promise.reject(new Error('sick')));
    const outcome = watch(handle.result);
    await clock.advance(10);
    expect([handle.state, handle.cancel('enough')]).toEqual(['retrying', true]);
    await clock.advance(0);
    expect([outcome.error, manager.stats().retryingTasks, manager.stats().queuedTasks]).toEqual(['enough', 0, 0]);
  });

  it('rejects with an AbortError if it is cancelled without a reason', async () => {
    const { manager } = await startBusy();
    const handle = manager.submit(() => 1);
    handle.cancel();
    await expect(handle.result).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not cancel what has ended', async () => {
    const { manager } = await start();
    const handle = manager.submit(() => 'done');
    await handle.result;
    expect([handle.cancel(), handle.state, await handle.result]).toEqual([false, 'completed', 'done']);
  });

  it('that nobody looks at is never an unhandled rejection after cancel()', async () => {
    const { clock, manager } = await startBusy();
    const waiting = manager.submit(() => 1);
    waiting.cancel(new Error('unseen'));
    const { manager: other } = await start();
    const running = other.submit(() => new Promise(() => {}));
    await clock.advance(0);
    running.cancel(new Error('unseen, too'));
    await clock.advance(0);
    expect([waiting.state, running.state]).toEqual(['cancelled', 'cancelled']);
  });

  it('is given also when the task is refused: its promise rejects', async () => {
    const { manager, clock } = await start();
    const invalid = manager.submit('no task' as never);
    const aborted = manager.submit(() => 1, { signal: AbortSignal.abort('before') });
    const outcomes = [watch(invalid.result), watch(aborted.result)];
    watch(manager.stop());
    const stopped = manager.submit(() => 1);
    outcomes.push(watch(stopped.result));
    await clock.advance(0);
    expect(isTaskerError(outcomes[0]?.error, 'INVALID_CONFIG')).toBe(true);
    expect(outcomes[1]?.error).toBe('before');
    expect(isTaskerError(outcomes[2]?.error, 'STOPPED')).toBe(true);
    for (const handle of [invalid, aborted, stopped]) {
      expect(['queued', 'running', 'retrying']).not.toContain(handle.state);
      expect(handle.cancel()).toBe(false);
    }
  });
});

describe('a changed priority', () => {
  it('moves a waiting task to the end of the new one', async () => {
    const { clock, manager, open } = await startBusy();
    const log: string[] = [];
    const handles = ['a', 'b', 'c', 'd'].map((name, i) =>
      manager.submit(() => void log.push(name), { priority: i < 2 ? 0 : 1 }),
    );
    const [a] = handles;
    if (a !== undefined) a.priority = 1;
    expect([a?.priority, manager.stats().priorityTasks, manager.stats().queuedTasks]).toEqual([1, 3, 1]);
    open();
    await clock.advance(0);
    expect(log).toEqual(['c', 'd', 'a', 'b']);
  });

  it('to what it is already moves nothing', async () => {
    const { clock, manager, open } = await startBusy();
    const log: string[] = [];
    const handles = ['a', 'b'].map((name) => manager.submit(() => void log.push(name)));
    for (const handle of handles.slice(0, 1)) handle.priority = 0;
    open();
    await clock.advance(0);
    expect(log).toEqual(['a', 'b']);
  });

  it('there and back leaves it at the end', async () => {
    const { clock, manager, open } = await startBusy();
    const log: string[] = [];
    const [a] = ['a', 'b'].map((name) => manager.submit(() => void log.push(name)));
    if (a !== undefined) {
      a.priority = 5;
      a.priority = 0;
    }
    open();
    await clock.advance(0);
    expect(log).toEqual(['b', 'a']);
  });

  it('keeps a retry a retry: ahead of the fresh ones of the new priority', async () => {
    const { manager, clock } = await start({
      scaling: 'off',
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 20 }),
    });
    const log: string[] = [];
    const handle = manager.submit((_, { attempt }) => {
      log.push(`retried ${attempt}`);
      if (attempt === 1) throw new Error('sick');
    });
    await clock.advance(0);
    watch(manager.queueTask((resource) => resource.work(100)));
    await clock.advance(1);
    watch(manager.queueTask(() => void log.push('fresh 2'), { priority: 2 }));
    watch(manager.queueTask(() => void log.push('fresh 1'), { priority: 1 }));
    handle.priority = 1;
    expect(manager.stats()).toMatchObject({ priorityTasks: 3, queuedTasks: 0, retryingTasks: 1 });
    await clock.advance(100);
    expect(log).toEqual(['retried 1', 'fresh 2', 'retried 2', 'fresh 1']);
  });

  it('keeps queueTimeout and deadline running from the submission', async () => {
    const { clock, manager } = await startBusy();
    const handle = manager.submit(() => 1, { queueTimeout: 100 });
    const outcome = watch(handle.result);
    await clock.advance(60);
    handle.priority = 3;
    await clock.advance(40);
    expect(isTaskerError(outcome.error, 'QUEUE_TIMEOUT')).toBe(true);
    expect(manager.stats()).toMatchObject({ priorityTasks: 0, queuedTasks: 0 });
  });

  it('throws INVALID_CONFIG if it is not finite, and changes nothing', async () => {
    const { clock, manager, open } = await startBusy();
    const handle = manager.submit(() => 1, { priority: 2 });
    for (const priority of [NaN, Infinity, '1' as never]) {
      expect(() => {
        handle.priority = priority;
      }).toThrow(/^priority must be/);
    }
    expect([handle.priority, manager.stats().priorityTasks]).toEqual([2, 1]);
    open();
    await clock.advance(0);
    await handle.result;
  });

  it('of a running or ended task disturbs nothing', async () => {
    const { manager, clock } = await start();
    const handle = manager.submit((resource) => resource.work(10));
    await clock.advance(0);
    handle.priority = 5;
    expect(manager.stats()).toMatchObject({ priorityTasks: 0, queuedTasks: 0, runningTasks: 1 });
    await clock.advance(10);
    handle.priority = 9;
    expect(manager.stats()).toMatchObject({ priorityTasks: 0, queuedTasks: 0, runningTasks: 0 });
  });
});
