import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import type { TaskManagerConfig } from '../../src/index.ts';
import { harness, watch } from '../support/harness.ts';
import type { FakeResource } from '../../src/testing/index.ts';

/** Hook calls after which something evidently feeds itself. Far more than any case here needs. */
const MANY = 500;

/**
 * Whatever goes on for ever must let time pass between two rounds: a loop of microtasks would freeze the process. Here the
 * clock stands still, or goes on a little with each reading, as that of a computer does; the hooks throw when they are called
 * without end, and then the test fails.
 */
const CASES: [string, (counted: <T>(value: T) => () => T) => Partial<TaskManagerConfig<FakeResource>>][] = [
  ['validateAfter 0', (counted) => ({ validate: counted(true), validateAfter: 0 })],
  ['validateAfter 0, and no resource is good', (counted) => ({ validate: counted(false), validateAfter: 0 })],
  ['a maxAge below what a dispatch takes', (counted) => ({ maxAge: 1e-9, validate: counted(true) })],
  [
    'maxAge and keepAlive of next to nothing',
    (counted) => ({ maxAge: 1e-9, keepAlive: 1e-9, validate: counted(true) }),
  ],
  ['onRelease that fails', (counted) => ({ onRelease: () => Promise.reject(new Error(String(counted(1)()))) })],
  ['maxUses 1', (counted) => ({ maxUses: 1, validate: counted(true) })],
  ['no backoff', (counted) => ({ createBackoff: counted(0), validate: counted(false), validateAfter: 0 })],
  ['idleTimeout 0', (counted) => ({ idleTimeout: 0, targetWait: 0, validate: counted(true) })],
  [
    'a Scaler that never makes up its mind',
    (counted) => ({ scaling: ({ workers }) => counted(workers % 2 === 0 ? 1 : 4)() }),
  ],
];

describe.each([
  ['stands still', 0],
  ['goes on with each reading', 0.001],
])('with a clock that %s', (_, step) => {
  it.each(CASES)('nothing feeds itself in microtasks: %s', async (__, options) => {
    const { clock, config, adopt, fakes } = harness();
    let [calls, later] = [0, 0];
    const counted =
      <T>(value: T) =>
      (): T => {
        if (++calls > MANY) throw new Error('called without end');
        return value;
      };
    const ticking = {
      now: () => clock.now() + (later += step),
      setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms),
      clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
    };
    const { onCreate } = fakes;
    const starting = createTaskManager(
      config({
        clock: ticking,
        workerCount: 2,
        resourcePoolSize: 1,
        maxTemporaryResources: 1,
        onCreate: (context) => (counted(1)(), onCreate(context)),
        ...options(counted),
      }),
    );
    await clock.advance(0);
    const manager = adopt(await starting);
    const outcomes = [1, 2, 3].flatMap(() => [manager.queueTask(() => 1), manager.runTask(() => 1)].map(watch));
    const leased = watch(manager.lease().then((lease) => lease.release()));
    await clock.advance(0); // would never come back
    expect(calls).toBeLessThan(MANY);
    await clock.advance(60_000);
    expect([leased, ...outcomes].filter(({ state }) => state === 'pending')).toEqual([]);
    const ending = watch(manager.kill());
    await clock.advance(10_000);
    expect(ending.state).toBe('fulfilled');
  });
});
