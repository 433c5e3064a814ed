/* oxlint-disable unicorn/no-thenable -- thenables are what is tested */
import { AsyncLocalStorage } from 'node:async_hooks';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { Clock, TaskManager, TaskOptions, Verdict } from '../../src/index.ts';
import type { FakeResource } from '../../src/testing/index.ts';
import { harness, watch } from '../support/harness.ts';
import type { Outcome } from '../support/harness.ts';

type Manager = TaskManager<FakeResource>;

const NOTHING = { queuedTasks: 0, priorityTasks: 0, runningTasks: 0, retryingTasks: 0, leases: 0 };

/** An `AbortSignal` of somebody's own. */
function signal(own: object = {}): AbortSignal {
  return {
    aborted: false,
    reason: 'own reason',
    addEventListener: () => {},
    removeEventListener: () => {},
    ...own,
  } as unknown as AbortSignal;
}

/** A value whose `then` is another one at each reading. */
function changing(...thens: unknown[]): object {
  let read = 0;
  return Object.defineProperty({}, 'then', { get: () => thens[Math.min(read++, thens.length - 1)] });
}

const never = (): void => {};
const calling =
  (...values: unknown[]) =>
  (resolve: (value: unknown) => void): void => {
    for (const value of values) resolve(value);
  };

describe('a submission is one step:', () => {
  it.each(['stop', 'kill'] as const)('an option whose getter calls %s() rejects it with STOPPED', async (end) => {
    for (const option of ['name', 'priority', 'retry', 'deadline'] as const) {
      const { clock, start } = harness();
      const manager = await start();
      const before = watch(manager.queueTask((resource) => resource.work(10)));
      const options: TaskOptions = Object.defineProperty({}, option, {
        enumerable: true,
        get: () => {
          void manager[end]();
        },
      });
      const outcomes = [
        watch(manager.queueTask(() => 1, options)),
        watch(manager.runTask(() => 1, options)),
        watch(manager.submit(() => 1, options).result),
      ];
      await clock.advance(10_000);
      expect(outcomes.map(({ error }) => (error as { code?: string }).code)).toEqual(Array(3).fill('STOPPED'));
      expect([before.state === 'pending', manager.stats().state]).toEqual([
        false,
        end === 'stop' ? 'stopped' : 'killed',
      ]);
      expect(manager.stats()).toMatchObject(NOTHING);
    }
  });

  it('what an option, a signal, a task or the clock throws rejects that task alone', async () => {
    const { clock, config, adopt } = harness();
    const boom = new Error('boom');
    const fail = (): never => {
      throw boom;
    };
    let isBroken = false;
    const broken: Clock = {
      now: () => (isBroken ? fail() : clock.now()),
      setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    };
    const starting = createTaskManager(config({ clock: broken }));
    await clock.advance(0);
    const manager = adopt(await starting);
    const getter = (key: string): object => Object.defineProperty({}, key, { enumerable: true, get: fail });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const outcomes = [
      ...['name', 'signal', 'key', 'timeout'].map((key) => manager.queueTask(() => 1, getter(key))),
      manager.queueTask(() => 1, { retry: getter('maxRetries') as { maxRetries: number } }),
      manager.queueTask(() => 1, { signal: signal({ addEventListener: fail }) }),
      manager.queueTask(() => 1, { signal: Object.defineProperty(signal(), 'aborted', { get: fail }) }),
      manager.queueTask(getter('execute') as { execute(): number }),
      manager.lease({ signal: signal({ addEventListener: fail }) }),
      manager.runTask(() => 1, { signal: signal({ addEventListener: fail }) }),
    ].map((promise) => watch<unknown>(promise));
    const revoked = watch(manager.queueTask(() => 1, proxy));
    isBroken = true;
    outcomes.push(watch<unknown>(manager.queueTask(() => 1)));
    isBroken = false;
    const after = watch(manager.queueTask(() => 1));
    await clock.advance(0);
    expect(outcomes.map(({ error }) => error)).toEqual(outcomes.map(() => boom));
    expect([revoked.state, after.value]).toEqual(['rejected', 1]);
    expect(manager.stats()).toMatchObject(NOTHING);
  });

  it('a signal that aborts while it is listened to, or has no reason, cancels it', async () => {
    const { clock, start } = harness();
    const manager = await start();
    const sudden = signal({ addEventListener: (_: string, listener: () => void) => listener() });
    const outcomes = [
      watch(manager.queueTask(() => 1, { signal: sudden })),
      watch(manager.queueTask(() => 1, { signal: signal({ aborted: true, reason: undefined }) })),
    ];
    await clock.advance(0);
    expect(outcomes[0]?.error).toBe('own reason');
    expect(outcomes[1]?.error).toMatchObject({ name: 'AbortError' });
    expect(manager.metrics().totalTasksArrived).toBe(0);
  });

  it('a signal that stops the manager while it is listened to rejects it with STOPPED', async () => {
    const { clock, start } = harness();
    const manager = await start();
    const outcome = watch(
      manager.queueTask(() => 1, { signal: signal({ addEventListener: () => void manager.kill() }) }),
    );
    await clock.advance(0);
    expect(outcome.error).toMatchObject({ code: 'STOPPED' });
    expect(manager.stats()).toMatchObject(NOTHING);
  });

  it('a signal that cannot be left is told on `error`, and changes no outcome', async () => {
    const { clock, start } = harness();
    const manager = await start();
    const log: unknown[] = [];
    manager.on('error', ({ source, error }) => log.push([source, (error as Error).message]));
    const sticky = signal({
      removeEventListener: () => {
        throw new Error('sticky');
      },
    });
    const outcome = watch(manager.queueTask(() => 1, { signal: sticky }));
    await clock.advance(0);
    expect([outcome.value, log]).toEqual([1, [['signal', 'sticky']]]);
  });

  it('each option is read once', async () => {
    const { clock, start } = harness();
    const manager = await start();
    const reads: Record<string, number> = {};
    const given = { name: 'n', priority: 1, timeout: 10, queueTimeout: 10, deadline: 10, key: 'k', signal: signal() };
    const options = new Proxy(given, {
      get: (target, key) => {
        reads[String(key)] = (reads[String(key)] ?? 0) + 1;
        return Reflect.get(target, key) as unknown;
      },
    });
    const outcome = watch(manager.queueTask(() => 1, options));
    await clock.advance(0);
    expect(outcome.value).toBe(1);
    for (const key of Object.keys(given)) expect([key, reads[key]]).toEqual([key, 1]);
  });
});

describe('the outcome of a run is taken once:', () => {
  it.each<[string, () => unknown, Partial<Outcome<unknown>>]>([
    ['a thenable that calls back twice', () => ({ then: calling(1, 2) }), { value: 1 }],
    [
      'a thenable that resolves and throws',
      () => ({
        then: (resolve: (value: unknown) => void) => {
          resolve(1);
          throw new Error('late');
        },
      }),
      { value: 1 },
    ],
    [
      'a promise with a then of its own that calls back twice',
      () => Object.assign(Promise.resolve(0), { then: calling(1, 2) }),
      { value: 1 },
    ],
    ['a value that is a thenable at the first look only', () => changing(calling(1), undefined), { value: 1 }],
    ['a thenable that gives a thenable', () => ({ then: calling({ then: calling(3) }) }), { value: 3 }],
    ['a promise of another realm', () => runInNewContext('Promise.resolve(4)') as unknown, { value: 4 }],
    [
      'a then that throws',
      () => Object.defineProperty({}, 'then', { get: () => never.call(undefined) ?? boomed() }),
      {},
    ],
  ])('%s', async (_, make, expected) => {
    const { clock, start } = harness();
    const manager = await start();
    const first = watch(manager.queueTask(make));
    const second = watch(manager.queueTask(() => 'second'));
    await clock.advance(0);
    expect(first).toMatchObject({ ...expected, state: 'value' in expected ? 'fulfilled' : 'rejected' });
    expect([second.value, manager.stats()]).toMatchObject(['second', NOTHING]);
  });

  it.each([
    ['by the task', (value: object) => value],
    ['by a promise', (value: object) => Promise.resolve(value)],
  ])(
    'a value that becomes a thenable after it was looked at, returned %s, rejects instead of hanging',
    async (_, wrap) => {
      const { clock, start } = harness();
      const manager = await start();
      const outcome = watch(manager.queueTask(() => wrap(changing(undefined, never))));
      await clock.advance(0);
      expect([outcome.state, manager.stats()]).toMatchObject(['rejected', NOTHING]);
    },
  );

  it('a lazy thenable begins in the async context of its task’s submitter, once', async () => {
    const { clock, start } = harness();
    const manager = await start();
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const then = (resolve: (value: number) => void): void => {
      seen.push(store.getStore());
      resolve(1);
    };
    const outcome = store.run('mine', () => watch(manager.queueTask<unknown>(() => ({ then }))));
    await clock.advance(0);
    expect([outcome.value, seen]).toEqual([1, ['mine']]);
  });
});

function boomed(): never {
  throw new Error('boom');
}

describe('a verdict is read once:', () => {
  it.each<[string, (manager: Manager) => object]>([
    [
      'a getter that throws at the second reading',
      () => {
        let reads = 0;
        return {
          task: 'fail',
          get resource() {
            if (reads++ > 0) throw new Error('read twice');
            return 'keep';
          },
        };
      },
    ],
    [
      'a getter that kills the manager',
      (manager) => ({
        task: 'retry',
        get resource() {
          void manager.kill();
          return 'replace';
        },
      }),
    ],
    [
      'an after that changes',
      () => {
        let reads = 0;
        return {
          resource: 'keep',
          task: 'retry',
          get after() {
            return reads++ === 0 ? 0 : Number.NaN;
          },
        };
      },
    ],
  ])('%s', async (_, make) => {
    const { clock, start } = harness();
    const errors: unknown[] = [];
    let manager: Manager | undefined;
    const started = await start({ maxRetries: 1, checkHealth: () => make(manager as Manager) as Verdict });
    manager = started;
    started.on('error', (error) => errors.push(error));
    const outcome = watch(started.queueTask(() => Promise.reject(new Error('sick'))));
    await clock.advance(10_000);
    expect([outcome.state, errors]).toEqual(['rejected', []]);
    expect(started.stats()).toMatchObject(NOTHING);
  });
});

describe('whatever is foreign and hostile', () => {
  it('every promise settles once, nothing is left over, and the manager can stop', async () => {
    /** What a hostile getter or method does when it is reached. */
    const deed = fc.constantFrom('nothing', 'throw', 'stop', 'kill', 'cancel', 'submit');
    const step = fc.record({
      where: fc.constantFrom('option', 'aborted', 'listen', 'leave', 'execute', 'then', 'verdict', 'clock'),
      deed,
      method: fc.constantFrom('queueTask', 'runTask', 'lease', 'submit'),
      wait: fc.constantFrom(0, 1, 50),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { clock, config, adopt } = harness();
        const outcomes: Outcome<unknown>[] = [];
        let manager: Manager | undefined;
        let [what, breaksClock]: [string, boolean] = ['nothing', false];
        const act = (): void => {
          const doing = what;
          what = 'nothing';
          if (doing === 'throw') throw new Error('hostile');
          if (doing === 'stop') void manager?.stop();
          if (doing === 'kill') void manager?.kill();
          if (doing === 'cancel') handle?.cancel();
          if (doing === 'submit') outcomes.push(watch<unknown>(manager?.queueTask(() => 'inner') ?? Promise.resolve()));
        };
        let handle: ReturnType<Manager['submit']> | undefined;
        const foreign: Clock = {
          now: () => {
            if (breaksClock) throw new Error('no time');
            return clock.now();
          },
          setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
          clearTimeout: (timer) => clock.clearTimeout(timer),
        };
        const starting = createTaskManager(
          config({
            clock: foreign,
            workerCount: 2,
            maxRetries: 1,
            checkHealth: () => {
              act();
              return { resource: 'keep', task: 'retry', after: 1 };
            },
          }),
        );
        await clock.advance(0);
        manager = adopt(await starting);
        for (const { where, deed: next, method, wait } of steps) {
          const at = (place: string) => (): void => {
            if (place === where) act();
          };
          what = next;
          const options = Object.defineProperty<TaskOptions>({}, 'name', { enumerable: true, get: at('option') });
          options.signal = Object.defineProperty(
            signal({ addEventListener: at('listen'), removeEventListener: at('leave') }),
            'aborted',
            { get: () => (at('aborted')(), false) },
          );
          const body = async (): Promise<unknown> => {
            at('execute')();
            if (where === 'verdict') throw new Error('sick');
            await Promise.resolve();
            return where === 'then'
              ? { then: (resolve: (value: number) => void) => (resolve(1), act(), resolve(2)) }
              : 1;
          };
          breaksClock = where === 'clock';
          if (method === 'lease') {
            outcomes.push(watch<unknown>(manager.lease(options).then((lease) => lease.release())));
          } else if (method === 'submit') {
            handle = manager.submit(body, options);
            outcomes.push(watch<unknown>(handle.result));
          } else {
            outcomes.push(watch<unknown>(manager[method](body, options)));
          }
          breaksClock = false;
          await clock.advance(wait);
        }
        await clock.advance(1_000);
        expect(outcomes.filter(({ state }) => state === 'pending')).toEqual([]);
        expect(manager.stats()).toMatchObject(NOTHING);
        const ending = watch(manager.stop());
        await clock.advance(20_000);
        expect(ending.state).toBe('fulfilled');
      }),
      { numRuns: 200 },
    );
  });
});
