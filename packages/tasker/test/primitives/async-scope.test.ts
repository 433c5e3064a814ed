import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { captureScope, findScope, makeStorage } from '../../src/primitives/async-scope.ts';
import type { AsyncScope } from '../../src/primitives/async-scope.ts';

const failing = (): never => {
  throw new Error('no');
};

function add(this: { base: number }, a: number, b: number): number {
  return this.base + a + b;
}

function capture(): AsyncScope {
  const scope = captureScope();
  if (scope === undefined) throw new Error('this runtime cannot capture a context');
  return scope;
}

describe('captureScope', () => {
  it('captures the store of AsyncLocalStorage.run', async () => {
    const storage = new AsyncLocalStorage<string>();
    const scope = storage.run('submitter', capture);
    expect(storage.getStore()).toBeUndefined();
    expect(scope.runInAsyncScope(() => storage.getStore(), undefined)).toBe('submitter');
    const later = storage.run('worker', () =>
      scope.runInAsyncScope(async () => {
        await Promise.resolve();
        return storage.getStore();
      }, undefined),
    );
    expect(await later).toBe('submitter');
    expect(storage.getStore()).toBeUndefined();
  });

  it('captures the store of AsyncLocalStorage.enterWith', async () => {
    const storage = new AsyncLocalStorage<string>();
    const submitter = async (): Promise<AsyncScope> => {
      await Promise.resolve();
      storage.enterWith('entered');
      return capture();
    };
    const scope = await submitter();
    expect(storage.run('worker', () => scope.runInAsyncScope(() => storage.getStore(), undefined))).toBe('entered');
  });

  it('does not see a store that is entered after the capture', () => {
    const storage = new AsyncLocalStorage<string>();
    const stores = storage.run('before', () => {
      const scope = capture();
      storage.enterWith('after');
      return [scope.runInAsyncScope(() => storage.getStore(), undefined), storage.getStore()];
    });
    expect(stores).toEqual(['before', 'after']);
  });

  it('can be used any number of times, passes this and the arguments, and what is returned and thrown', () => {
    const scope = capture();
    expect(scope.runInAsyncScope(add, { base: 1 }, 2, 3)).toBe(6);
    expect(scope.runInAsyncScope(add, { base: 1 }, 4, 5)).toBe(10);
    expect(() => scope.runInAsyncScope(failing, undefined)).toThrow('no');
  });
});

describe('findScope', () => {
  it('captures nothing where the runtime has nothing for it', () => {
    expect(findScope({})).toBeUndefined();
    expect(findScope({ process: {} })).toBeUndefined();
    expect(findScope({ process: { getBuiltinModule: () => undefined }, AsyncContext: {} })).toBeUndefined();
    expect(findScope({ process: { getBuiltinModule: () => ({}) } })).toBeUndefined();
  });

  it('asks for the module by its full name, on its own object', () => {
    const asked: unknown[] = [];
    const process = {
      getBuiltinModule(id: string): undefined {
        asked.push(id, this === process);
      },
    };
    findScope({ process });
    expect(asked).toEqual(['node:async_hooks', true]);
  });

  it('uses AsyncContext.Snapshot where there are no async hooks', () => {
    let current = 'outside';
    class Snapshot {
      readonly captured = current;

      run<A extends unknown[], T>(fn: (...args: A) => T, ...args: A): T {
        const before = current;
        current = this.captured;
        try {
          return fn(...args);
        } finally {
          current = before;
        }
      }
    }
    const Scope = findScope({ AsyncContext: { Snapshot } });
    current = 'submitter';
    const scope = Scope && new Scope('', { requireManualDestroy: true });
    current = 'worker';
    const seen = scope?.runInAsyncScope(
      function (this: string, n: number) {
        return [current, this, n];
      },
      'this',
      5,
    );
    expect(seen).toEqual(['submitter', 'this', 5]);
    expect(current).toBe('worker');
  });
});

describe('makeStorage', () => {
  it('makes an AsyncLocalStorage, each time another one', async () => {
    const [storage, other] = [makeStorage<string>(), makeStorage<string>()];
    const seen = storage?.run('inside', async () => {
      await Promise.resolve();
      return [storage.getStore(), other?.getStore()];
    });
    expect(await seen).toEqual(['inside', undefined]);
    expect(storage?.getStore()).toBeUndefined();
  });

  it('makes none where the runtime has none', () => {
    expect(makeStorage({})).toBeUndefined();
    expect(makeStorage({ process: {} })).toBeUndefined();
    expect(makeStorage({ process: { getBuiltinModule: () => ({}) } })).toBeUndefined();
  });
});
