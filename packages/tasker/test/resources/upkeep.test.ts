import { afterEach, describe, expect, it, vi } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { Upkeep } from '../../src/resources/upkeep.ts';
import type { UpkeepOptions } from '../../src/resources/upkeep.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { watch } from '../support/harness.ts';

afterEach(() => void vi.restoreAllMocks());

function newUpkeep(options: Partial<UpkeepOptions<string>> = {}) {
  const clock = new VirtualClock();
  const failures: string[] = [];
  const upkeep = new Upkeep<string>(
    {
      validate: undefined,
      validateAfter: 500,
      validateTimeout: 100,
      onRelease: undefined,
      keepAlive: Infinity,
      maxAge: Infinity,
      maxUses: Infinity,
      clock,
      scope: undefined,
      ...options,
    },
    (hook, error) => void failures.push(`${hook}: ${(error as Error).message}`),
  );
  return { clock, failures, upkeep };
}

const fresh = { value: 'db', users: 0, uses: 0, expiresAt: Infinity, fitAt: 0, isValidated: false };
const ignore = (): void => {};

describe('Upkeep', () => {
  it('has nothing to do unless it was asked to', async () => {
    const { upkeep } = newUpkeep();
    expect([upkeep.isNeeded, upkeep.hasRelease]).toEqual([false, false]);
    expect([await upkeep.release(fresh, 0), await upkeep.validate(fresh, ignore)]).toEqual([true, true]);
    expect([upkeep.unfitFor('idling', fresh, 1e9), upkeep.unfitFor('task', fresh, 1e9), upkeep.dueAt(fresh)]).toEqual([
      undefined,
      undefined,
      Infinity,
    ]);
    for (const options of [{ validate: () => true }, { onRelease: () => {} }, { maxAge: 1 }, { maxUses: 1 }]) {
      expect(newUpkeep(options).upkeep.isNeeded).toBe(true);
    }
  });

  it('validates before every use with validateAfter 0, and a validation is good for the instant in which it ends', () => {
    const { upkeep } = newUpkeep({ validate: () => true, validateAfter: 0 });
    const validated = { ...fresh, isValidated: true };
    const unfits = [upkeep.unfitFor('task', fresh, 0), upkeep.unfitFor('task', validated, 0)];
    expect(unfits).toEqual(['validate', undefined]);
    expect(upkeep.unfitFor('task', validated, 0.001)).toBe('validate');
    expect(upkeep.unfitFor('task', { ...fresh, users: 1 }, 0)).toBe(undefined);
    expect(newUpkeep({ validate: () => true }).upkeep.unfitFor('task', fresh, 500)).toBe(undefined);
  });

  it('tells once of a validation that takes more than twice as long as they do on average', async () => {
    let ms = 10;
    const wait = (): Promise<boolean> => new Promise((resolve) => void clock.setTimeout(() => resolve(true), ms));
    const { clock, upkeep } = newUpkeep({ validate: wait });
    const log: string[] = [];
    const validate = async (): Promise<void> => {
      const startedAt = clock.now();
      const validating = upkeep.validate(fresh, () => log.push(`slow after ${Math.round(clock.now() - startedAt)}`));
      await clock.runAll();
      await validating;
    };
    await validate();
    expect(log).toEqual(['slow after 0']); // nothing is known yet
    for (let i = 0; i < 100; i++) await validate();
    log.length = 0;
    ms = 19;
    await validate();
    expect(log).toEqual([]);
    ms = 50;
    await validate();
    expect(log).toEqual(['slow after 22']);
  });

  it('finds a resource outworn after maxUses, or when its time has come', () => {
    const { upkeep } = newUpkeep({ maxUses: 3 });
    for (const purpose of ['task', 'idling'] as const) {
      expect(upkeep.unfitFor(purpose, { ...fresh, uses: 2, expiresAt: 10 }, 9)).toBe(undefined);
      expect(upkeep.unfitFor(purpose, { ...fresh, uses: 3 }, 9)).toBe('uses');
      expect(upkeep.unfitFor(purpose, { ...fresh, uses: 1, expiresAt: 10 }, 10)).toBe('age');
    }
  });

  it('takes what was never used for outworn when it idles, but not when its first task comes', () => {
    const { upkeep } = newUpkeep();
    expect(upkeep.unfitFor('idling', { ...fresh, expiresAt: 10 }, 10)).toBe('age');
    expect(upkeep.unfitFor('task', { ...fresh, expiresAt: 10 }, 10)).toBe(undefined);
  });

  it('gives each resource between 90 % and 100 % of maxAge', () => {
    const { upkeep } = newUpkeep({ maxAge: 1_000 });
    vi.spyOn(Math, 'random').mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValueOnce(0.999);
    expect([upkeep.expiry(100), upkeep.expiry(100)]).toEqual([1_100, 1_050]);
    expect(upkeep.expiry(100)).toBeGreaterThanOrEqual(1_000);
    expect(newUpkeep().upkeep.expiry(100)).toBe(Infinity);
  });

  it('validates only what has been idle for longer than validateAfter', () => {
    const { upkeep } = newUpkeep({ validate: () => true });
    const unfits = [upkeep.unfitFor('task', fresh, 500), upkeep.unfitFor('task', fresh, 501)];
    expect(unfits).toEqual([undefined, 'validate']);
  });

  it('looks at an idle resource at its end or when it is to be kept alive, whichever is sooner', () => {
    const { upkeep } = newUpkeep({ validate: () => true, keepAlive: 200 });
    expect(upkeep.dueAt({ ...fresh, fitAt: 50 })).toBe(250);
    expect(upkeep.unfitFor('idling', { ...fresh, fitAt: 50 }, 249)).toBe(undefined);
    expect(upkeep.unfitFor('idling', { ...fresh, fitAt: 50 }, 250)).toBe('validate');
    expect(upkeep.dueAt({ ...fresh, fitAt: 50, expiresAt: 120 })).toBe(120);
  });

  it('calls validate with the resource and passes on what it says, sync or async', async () => {
    for (const answer of [true, false]) {
      const seen: string[] = [];
      const note = (resource: string): void => void seen.push(resource);
      const sync = newUpkeep({ validate: (resource) => (note(resource), answer) });
      const async = newUpkeep({ validate: (resource) => (note(resource), Promise.resolve(answer)) });
      expect([await sync.upkeep.validate(fresh, ignore), await async.upkeep.validate(fresh, ignore)]).toEqual([
        answer,
        answer,
      ]);
      expect([seen, sync.failures, async.failures]).toEqual([['db', 'db'], [], []]);
    }
  });

  it('reports a hook that throws or rejects, with anything, and takes the resource for unfit', async () => {
    const { upkeep, failures, clock } = newUpkeep({
      validate: () => {
        throw new Error('sync');
      },
      onRelease: () => Promise.reject(undefined),
    });
    expect([await upkeep.validate(fresh, ignore), await upkeep.release(fresh, 0)]).toEqual([false, false]);
    expect(failures).toEqual(['validate: sync', 'onRelease: onRelease was rejected with undefined']);
    expect(clock.pending).toBe(0);
  });

  it('answers at once for a hook that does, without a timer', () => {
    const { upkeep, clock } = newUpkeep({ validate: () => false, onRelease: () => {} });
    expect([upkeep.validate(fresh, ignore), upkeep.release(fresh, 0), clock.pending]).toEqual([false, true, 0]);
  });

  it('counts validateTimeout from the call, what a hook does before it awaits something included', async () => {
    let later = 0;
    const virtual = new VirtualClock();
    const { upkeep, failures } = newUpkeep({
      clock: {
        now: () => virtual.now() + later,
        setTimeout: (fn, ms) => virtual.setTimeout(fn, ms),
        clearTimeout: (handle) => virtual.clearTimeout(handle),
      },
      onRelease: () => {
        later = 60;
        return new Promise(() => {});
      },
    });
    const outcome = watch(Promise.resolve(upkeep.release(fresh, 0)));
    await virtual.advance(39);
    expect(outcome.state).toBe('pending');
    await virtual.advance(1);
    expect([outcome.value, failures.length]).toEqual([false, 1]);
  });

  it('gives a hook up after validateTimeout, and ignores how it ends later', async () => {
    const gate = deferred<boolean>();
    const { upkeep, failures, clock } = newUpkeep({
      validate: () => gate.promise,
      onRelease: () => new Promise(() => {}),
    });
    const both = [upkeep.validate(fresh, ignore), upkeep.release(fresh, 0)].map((end) => watch(Promise.resolve(end)));
    await clock.advance(99);
    expect(both.map(({ state }) => state)).toEqual(['pending', 'pending']);
    await clock.advance(1);
    expect(both.map(({ value }) => value)).toEqual([false, false]);
    expect(failures).toEqual([
      'validate: validate took longer than validateTimeout, 100 ms',
      'onRelease: onRelease took longer than validateTimeout, 100 ms',
    ]);
    gate.reject(new Error('much later'));
    await clock.advance(0);
    expect([failures.length, clock.pending]).toEqual([2, 0]);
  });

  it('waits for no hook any more once it is closed', async () => {
    const { upkeep, failures, clock } = newUpkeep({ validate: () => new Promise(() => {}) });
    const outcome = watch(Promise.resolve(upkeep.validate(fresh, ignore)));
    upkeep.close();
    await clock.advance(0);
    expect([outcome.value, failures, clock.pending]).toEqual([false, [], 0]);
  });

  it('calls its hooks in the scope it was given', async () => {
    let calls = 0;
    const { upkeep } = newUpkeep({
      validate: () => true,
      scope: {
        runInAsyncScope: (fn, thisArg, ...args) => {
          calls++;
          return Reflect.apply(fn, thisArg, args);
        },
      },
    });
    expect([await upkeep.validate(fresh, ignore), calls]).toEqual([true, 1]);
  });
});
