import { retryAfter } from 'tasker';
import type { OverloadVerdict, TaskOptions, Verdict } from 'tasker';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { code, start, watch } from '../support/harness.ts';
import type { BenchConfig } from '../support/harness.ts';

/** What an API answers that has too much to do. */
class Refused extends Error {
  readonly verdict: OverloadVerdict;

  constructor(verdict: OverloadVerdict) {
    super('429');
    this.verdict = verdict;
  }
}

const checkHealth = (error: unknown): boolean | Verdict | OverloadVerdict =>
  !(error instanceof Refused) || error.verdict;

/** A manager whose tasks note when they run, and are refused as often as they are told. */
async function refusing(config: BenchConfig = {}) {
  const bench = await start({ workerCount: 4, scaling: 'off', checkHealth, ...config });
  const { manager, clock } = bench;
  const since = clock.now();
  const runs: [name: string, at: number, attempt: number][] = [];
  const add = (name: string, verdicts: OverloadVerdict[] = [], options: TaskOptions = {}, ms = 0) =>
    watch(
      manager.queueTask(async (_, { attempt }) => {
        runs.push([name, Math.round(clock.now() - since), attempt]);
        if (ms > 0) await bench.sleep(ms);
        const verdict = verdicts.shift();
        if (verdict !== undefined) throw new Refused(verdict);
        return name;
      }, options),
    );
  return { ...bench, runs, add };
}

describe('an overload with after', () => {
  it('starts nothing until then, and first the refused task again, whose attempts are not used up', async () => {
    const { add, runs, clock, manager } = await refusing({ workerCount: 1, maxRetries: 0 });
    const verdict: OverloadVerdict = { overload: true, after: 500 };
    const all = [add('a', [verdict, verdict]), add('b'), add('c')];
    await clock.advance(10);
    expect(manager.stats()).toMatchObject({ queuedTasks: 3, throttledTasks: 3, retryingTasks: 1, idleWorkers: 1 });
    await clock.advance(2_000);
    expect(runs).toEqual([
      ['a', 0, 1],
      ['a', 500, 1],
      ['a', 1_000, 1],
      ['b', 1_000, 1],
      ['c', 1_000, 1],
    ]);
    expect(all.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
    expect(manager.metrics().totalTasksRetried).toBe(2);
  });

  it('keeps refused tasks in their order, ahead of fresh ones of their priority', async () => {
    const { add, runs, clock } = await refusing({ workerCount: 3 });
    for (const name of ['a', 'b', 'c']) add(name, [{ overload: true, after: 100 }], {}, 10);
    for (const name of ['d', 'e']) add(name);
    await clock.advance(50);
    add('high', [], { priority: 1 });
    await clock.advance(1_000);
    expect(runs.slice(3).map(([name]) => name)).toEqual(['high', 'a', 'b', 'c', 'd', 'e']);
  });

  it('holds back runTask, too, and leases', async () => {
    const { add, runs, clock, manager } = await refusing({ resourcePoolSize: 1 });
    add('a', [{ overload: true, after: 300 }]);
    await clock.advance(1);
    let ran = -1;
    watch(manager.runTask(() => void (ran = clock.now())));
    let leased = -1;
    const lease = manager.lease().then((held) => {
      leased = clock.now();
      return held;
    });
    await clock.advance(298);
    expect([ran, leased]).toEqual([-1, -1]);
    await clock.advance(1);
    await (await lease).release();
    expect([ran, leased, runs.map(([, at]) => at)]).toEqual([300, 300, [0, 300]]);
  });

  it('pauses from the end of a lease, or of a runTask, as well, which is not run again', async () => {
    const { runs, add, clock, manager } = await refusing({ resourcePoolSize: 1 });
    const direct = watch(manager.runTask(() => Promise.reject(new Refused({ overload: true, after: 200 }))));
    await clock.advance(0);
    add('a');
    await clock.advance(1_000);
    const lease = await manager.lease();
    await lease.release(new Refused({ overload: true, after: 200 }));
    add('b');
    await clock.advance(1_000);
    expect([direct.error, runs.map(([name, at]) => [name, at])]).toEqual([
      expect.any(Refused),
      [
        ['a', 200],
        ['b', 1_200],
      ],
    ]);
  });

  it('takes the longest of several', async () => {
    const { add, runs, clock } = await refusing();
    for (const after of [100, 400, 200]) add(`${after}`, [{ overload: true, after }]);
    await clock.advance(1_000);
    expect(runs.slice(3).map(([, at]) => at)).toEqual([400, 400, 400]);
  });

  it('takes a Date, and what retryAfter() reads from a header', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { add, runs, clock } = await refusing();
    add('date', [{ overload: true, after: new Date(Date.UTC(2026, 0, 1, 0, 0, 2)) }]);
    await clock.advance(3_000);
    add('header', [{ overload: true, after: retryAfter('Thu, 01 Jan 2026 00:00:05 GMT') }]);
    await clock.advance(6_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 2_000, 3_000, 8_000]);
  });

  it('fails a task that is run at most once, or that the verdict says so of, and pauses all the same', async () => {
    const { add, runs, clock } = await refusing();
    const once = add('once', [{ overload: true, after: 100 }], { retry: false });
    const failed = add('failed', [{ overload: true, task: 'fail', after: 100 }]);
    await clock.advance(0);
    add('next');
    await clock.advance(1_000);
    expect([once.error, failed.error].map((error) => error instanceof Refused)).toEqual([true, true]);
    expect(runs.map(([name, at]) => [name, at])).toEqual([
      ['once', 0],
      ['failed', 0],
      ['next', 100],
    ]);
  });

  it('is bounded by deadline and queueTimeout, which goes on as if the task had never run', async () => {
    const { add, clock } = await refusing();
    const verdict: OverloadVerdict = { overload: true, after: 1_000 };
    const late = add('late', [verdict], { deadline: 300 }, 10);
    const waited = add('waited', [verdict], { queueTimeout: 200 }, 20);
    const long = add('long', [verdict], { queueTimeout: 5 }, 20);
    await clock.advance(20);
    expect([late, waited, long].map(code)).toEqual([undefined, undefined, 'QUEUE_TIMEOUT']);
    await clock.advance(180);
    expect([late, waited].map(code)).toEqual([undefined, 'QUEUE_TIMEOUT']);
    await clock.advance(100);
    expect(code(late)).toBe('DEADLINE');
  });

  it('does not make those forget to wait whose worker could not be made meanwhile', async () => {
    const { manager, add, runs, clock } = await refusing({
      workerCount: 1,
      lazy: true,
      fakes: { createDelay: 50, failCreate: (n) => n === 2 },
      createBackoff: () => 10,
    });
    const refused = watch(manager.runTask(() => Promise.reject(new Refused({ overload: true, after: 1_000 }))));
    add('a');
    await clock.advance(5_000);
    expect([refused.state, runs.map(([name]) => name)]).toEqual(['rejected', ['a']]);
  });

  it('replaces the resource where the verdict says so', async () => {
    const { add, runs, clock, fakes } = await refusing({ workerCount: 1 });
    add('a', [{ overload: true, resource: 'replace', after: 100 }]);
    await clock.advance(1_000);
    expect([runs.map(([, at]) => at), fakes.destroyed]).toEqual([[0, 100], 1]);
  });

  it('is told by throttled and retried', async () => {
    const { add, manager, clock } = await refusing();
    const heard: unknown[] = [];
    manager.on('throttled', (event) => heard.push(event));
    manager.on('retried', ({ delay, task }) => heard.push([delay, task.attempt, task.state]));
    add('a', [{ overload: true, after: 700 }]);
    await clock.advance(10_000);
    expect(heard).toEqual([[700, 0, 'retrying'], { reason: 'overload', delay: 700, waiting: 1 }]);
  });

  it('does not keep stop() from ending all, nor kill()', async () => {
    const { add, manager, clock } = await refusing();
    const all = [add('a', [{ overload: true, after: 1_000 }]), add('b')];
    const stopping = watch(manager.stop());
    await clock.advance(999);
    expect(stopping.state).toBe('pending');
    await clock.advance(1);
    expect([stopping.state, ...all.map(({ state }) => state)]).toEqual(Array(3).fill('fulfilled'));
  });
});

describe("an overload of a 'key'", () => {
  it('holds back the tasks of that key only', async () => {
    const { add, runs, manager, clock } = await refusing();
    add('x1', [{ overload: 'key', after: 500 }], { key: 'x' });
    await clock.advance(1);
    for (const key of ['x', 'y']) add(`${key}2`, [], { key });
    add('none');
    await clock.advance(1);
    expect(manager.inspect().keys).toEqual([{ key: 'x', waiting: 2, running: 0, opensIn: 498 }]);
    expect(manager.stats().throttledTasks).toBe(2);
    await clock.advance(1_000);
    expect(runs.map(([name, at]) => [name, at])).toEqual([
      ['x1', 0],
      ['y2', 1],
      ['none', 1],
      ['x1', 500],
      ['x2', 500],
    ]);
  });

  it('without after lasts for the backoff of the task', async () => {
    const { add, runs, clock } = await refusing({ retry: { backoff: (attempt) => attempt * 100 } });
    add('x1', [{ overload: 'key' }, { overload: 'key' }], { key: 'x' });
    await clock.advance(1);
    add('x2', [], { key: 'x' });
    await clock.advance(1_000);
    expect(runs).toEqual([
      ['x1', 0, 1],
      ['x1', 100, 1],
      ['x2', 100, 1],
      ['x1', 300, 1],
    ]);
  });

  it('of a task without a key holds back all', async () => {
    const { add, runs, clock } = await refusing();
    add('a', [{ overload: 'key', after: 100 }]);
    await clock.advance(0);
    add('b', [], { key: 'y' });
    await clock.advance(1_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 100, 100]);
  });

  it('is over in a lazy manager, too, that has no worker left', async () => {
    for (const overload of [true, 'key'] as const) {
      const { add, runs, clock } = await refusing({ workerCount: 1, lazy: true, idleTimeout: 0 });
      const options = overload === 'key' ? { key: 'x' } : {};
      add('x1', [{ overload, resource: 'replace', task: 'fail', after: 500 }], options);
      add('x2', [], options);
      await clock.advance(2_000);
      expect(runs.map(([name, at]) => [name, at])).toEqual([
        ['x1', 0],
        ['x2', 500],
      ]);
    }
  });

  it('is forgotten with the key: what is kept does not grow with the keys that were paused', async () => {
    const { add, manager, clock } = await refusing();
    const inside = manager as unknown as { engine: { queue: { gates: Iterable<unknown> } } };
    for (let i = 0; i < 200; i++) {
      add('x', [{ overload: 'key', task: 'fail', after: 50 }], { key: `${i}` });
      await clock.advance(10);
    }
    expect([...inside.engine.queue.gates].length).toBeLessThan(10);
    await clock.advance(100);
    add('last');
    await clock.advance(0);
    expect([...inside.engine.queue.gates]).toEqual([]);
  });

  it('is kept for a key that has nothing to do meanwhile, with aging too', async () => {
    for (const aging of [undefined, 100]) {
      const { add, runs, clock } = await refusing({ aging });
      add('x1', [{ overload: 'key', task: 'fail', after: 500 }], { key: 'x' });
      await clock.advance(200);
      add('x2', [], { key: 'x' });
      await clock.advance(1_000);
      add('x3', [], { key: 'x' });
      await clock.advance(1_000);
      expect(runs.map(([, at]) => at)).toEqual([0, 500, 1_200]);
    }
  });
});

describe('an overload without after', () => {
  it('backs off as a retry does, from attempt to attempt, without end', async () => {
    const { add, runs, clock } = await refusing({ maxRetries: 1, retry: { backoff: (attempt) => attempt * 10 } });
    const verdicts = Array.from({ length: 5 }, (): OverloadVerdict => ({ overload: true }));
    const outcome = add('a', verdicts);
    await clock.advance(1_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 10, 30, 60, 100, 150]);
    expect(outcome.value).toBe('a');
  });

  it('takes an after of 0 for none: nothing is asked again and again in no time', async () => {
    const { add, runs, clock } = await refusing({ retry: { backoff: () => 50 } });
    add('a', [{ overload: true, after: 0 }]);
    await clock.advance(1_000);
    expect(runs.map(([, at]) => at)).toEqual([0, 50]);
  });

  it('does not keep a retry from going to another worker than the one that failed it', async () => {
    const again: Verdict = { resource: 'keep', task: 'retry', after: 0 };
    const { manager, add, clock, sleep } = await refusing({
      workerCount: 2,
      checkHealth: (error) => (error instanceof Refused ? error.verdict : again),
    });
    for (const verdicts of [[{ overload: true }] as OverloadVerdict[], []]) add('refused', verdicts, {}, 1);
    for (let i = 0; i < 10; i++) add('waiting', [], {}, 1);
    const workers: number[] = [];
    watch(
      manager.queueTask(async (_, { worker, attempt }) => {
        workers.push(worker.id);
        await sleep(1);
        if (attempt < 3) throw new Error('sick');
      }),
    );
    for (let i = 0; i < 10; i++) add('waiting', [], {}, 1);
    await clock.advance(5_000);
    const [first, second, third] = workers;
    expect([second === first, third === second]).toEqual([false, false]);
  });

  it('counts as a refusal for a Scaler, and so does one with after, but not one of a key', async () => {
    let most = 0;
    const { add, clock } = await refusing({
      workerCount: 8,
      maxWorkerCount: 9,
      scaling: ({ refusals, workers }) => {
        most = Math.max(most, refusals);
        return workers;
      },
    });
    for (const verdict of [{ overload: true }, { overload: true, after: 10 }, { overload: 'key' }] as const) {
      add('a', [{ ...verdict, task: 'fail' }], { key: 'x' });
    }
    await clock.advance(500);
    expect(most).toBe(2);
  });

  it('tells of no change of the number of workers where that is fixed', async () => {
    const { add, manager, clock } = await refusing({ workerCount: 4 });
    const heard: unknown[] = [];
    manager.on('scaled', (event) => heard.push(event));
    for (let i = 0; i < 4; i++) add(`${i}`, i === 0 ? [{ overload: true }] : [], {}, 100);
    await clock.advance(1_000);
    expect(heard).toEqual([]);
  });

  it('lets no more than three quarters run at once', async () => {
    const { add, manager, clock } = await refusing({ workerCount: 8 });
    let most = 0;
    for (let i = 0; i < 8; i++) add(`${i}`, i === 0 ? [{ overload: true }] : [], {}, 100);
    for (let i = 0; i < 40; i++) add(`more ${i}`, [], {}, 100);
    await clock.advance(101);
    for (let i = 0; i < 30; i++) {
      await clock.advance(10);
      most = Math.max(most, manager.stats().runningTasks);
    }
    expect(most).toBe(6);
    await clock.advance(10_000);
    expect(manager.stats().queuedTasks).toBe(0);
  });
});
