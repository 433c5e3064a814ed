import fc from '../support/fast-check.ts';
import { afterEach, describe, expect, it } from 'vitest';
import type { AsyncScope } from '../../src/primitives/async-scope.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import { Resource } from '../../src/resources/resource.ts';
import type { CreateContext, DestroyReason, ResourceHooks } from '../../src/resources/resource.ts';
import { VirtualClock } from '../../src/testing/index.ts';

type Hooks = Partial<ResourceHooks<string>>;

const clocks: VirtualClock[] = [];

afterEach(() => {
  for (const clock of clocks.splice(0)) expect(clock.pending, 'a timer was left').toBe(0);
});

/** A resource whose owner and log write down what they are told, and whose hooks wait until they are told to end. */
function newResource(hooks: Hooks = {}) {
  const clock = new VirtualClock();
  clocks.push(clock);
  const log: string[] = [];
  const creation = deferred<string>();
  const destruction = deferred<void>();
  let context: CreateContext | undefined;
  const resource: Resource<string> = new Resource<string>(
    'base',
    {
      onCreate: (given) => {
        context = given;
        log.push('onCreate');
        return creation.promise;
      },
      onDestroy: (value, reason) => {
        log.push(`onDestroy ${value} ${reason}`);
        return destruction.promise;
      },
      createTimeout: 100,
      destroyTimeout: 50,
      clock,
      scope: undefined,
      ...hooks,
    },
    {
      opened: (now) => void log.push(`opened@${now}`),
      notOpened: (cause) => void log.push(`notOpened ${String((cause as Error | undefined)?.message ?? cause)}`),
      closing: () => void log.push(`closing ${resource.reason}`),
      died: () => {},
      closed: () => void log.push(`closed@${clock.now()}`),
    },
    {
      created: (kind) => void log.push(`created ${kind}`),
      retired: () => {},
      destroyed: (_, reason) => void log.push(`destroyed ${reason}`),
      createFailed: (kind) => void log.push(`createFailed ${kind}`),
      hookFailed: (hook, error) => void log.push(`${hook} failed: ${(error as Error).message}`),
    },
  );
  resource.open();
  return {
    clock,
    log,
    resource,
    creation,
    destruction,
    get context(): CreateContext {
      if (context === undefined) throw new Error('onCreate was not called');
      return context;
    },
    /** Lets it come up, and forgets what was logged. */
    async up() {
      creation.resolve('db');
      await clock.advance(0);
      log.length = 0;
    },
    /** What was logged since the last call. */
    news: (): string[] => log.splice(0),
  };
}

describe('Resource, starting', () => {
  it('tells its owner when it is up, and not inside open()', async () => {
    const one = newResource();
    one.creation.resolve('db');
    expect([one.news(), one.resource.state, one.resource.createdAt]).toEqual([['onCreate'], 'starting', -1]);
    await one.clock.advance(7);
    expect([one.news(), one.resource.state, one.resource.value]).toEqual([['created base', 'opened@0'], 'live', 'db']);
    one.resource.discard(undefined);
    one.destruction.resolve();
    await one.clock.advance(0);
  });

  it('tells its owner of a failure, not inside open() even if onCreate throws', async () => {
    const one = newResource({
      onCreate: () => {
        throw new Error('refused');
      },
    });
    expect(one.news()).toEqual([]);
    await one.clock.advance(0);
    expect([one.news(), one.resource.state]).toEqual([['createFailed base', 'notOpened refused'], 'gone']);
  });

  it('takes a rejection with anything for a failure, undefined included', async () => {
    const one = newResource();
    one.creation.reject(undefined);
    await one.clock.advance(0);
    expect(one.news()).toEqual(['onCreate', 'createFailed base', 'notOpened undefined']);
  });

  it('fails after createTimeout and aborts the signal of onCreate; what comes late is destroyed on arrival', async () => {
    const one = newResource();
    await one.clock.advance(99);
    expect([one.resource.state, one.context.signal.aborted]).toEqual(['starting', false]);
    await one.clock.advance(1);
    expect(one.news()).toEqual([
      'onCreate',
      'createFailed base',
      'notOpened onCreate took longer than createTimeout, 100 ms',
    ]);
    expect([one.resource.state, one.context.signal.aborted]).toEqual(['gone', true]);
    one.creation.resolve('late db');
    await one.clock.advance(0);
    expect(one.news()).toEqual(['created base', 'onDestroy late db late']);
    one.destruction.resolve();
    await one.clock.advance(0);
    expect(one.news()).toEqual(['destroyed late']);
  });

  it('ignores an onCreate that fails after createTimeout', async () => {
    const one = newResource();
    await one.clock.advance(100);
    one.news();
    one.creation.reject(new Error('too late'));
    await one.clock.advance(0);
    expect(one.news()).toEqual([]);
  });

  it('bounds the destruction of what came late, too, and reports its failure', async () => {
    const hung = newResource();
    await hung.clock.advance(100);
    hung.news();
    hung.creation.resolve('late db');
    await hung.clock.advance(50);
    expect(hung.news().slice(2)).toEqual([
      'onDestroy failed: onDestroy took longer than destroyTimeout, 50 ms',
      'destroyed late',
    ]);
    const failing = newResource();
    await failing.clock.advance(100);
    failing.news();
    failing.creation.resolve('late db');
    failing.destruction.reject(new Error('no'));
    await failing.clock.advance(0);
    expect(failing.news().slice(2)).toEqual(['onDestroy failed: no', 'destroyed late']);
  });

  it('is gone at once when it is discarded, and what it brings is destroyed on arrival', async () => {
    const one = newResource();
    one.resource.discard('shutdown');
    expect([one.news(), one.resource.state]).toEqual([['onCreate', 'closed@0'], 'gone']);
    expect([one.context.signal.aborted, one.context.signal.reason, one.clock.pending]).toEqual([true, 'shutdown', 0]);
    one.creation.resolve('late db');
    one.destruction.resolve();
    await one.clock.advance(0);
    expect(one.news()).toEqual(['created base', 'onDestroy late db late', 'destroyed late']);
  });

  it('is told to hurry by its signal, and still waited for', async () => {
    const one = newResource();
    one.resource.close('shutdown');
    expect([one.context.signal.aborted, one.context.signal.reason, one.resource.state]).toEqual([
      true,
      'shutdown',
      'starting',
    ]);
    await one.up();
    expect(one.resource.state).toBe('live');
    one.resource.discard(undefined);
    one.destruction.resolve();
    await one.clock.advance(0);
  });

  it('cannot be retired, and must not be used', async () => {
    const one = newResource();
    one.resource.retire('idle');
    expect([one.resource.state, one.resource.reason]).toEqual(['starting', undefined]);
    expect(() => one.resource.join()).toThrow('a resource may be used only while it is live, this one is starting');
    one.creation.reject(new Error('over'));
    await one.clock.advance(0);
  });

  it('that is invalidated before it is up is destroyed when it comes up and never used', async () => {
    const one = newResource();
    one.context.invalidate(new Error('dropped'));
    one.creation.resolve('dead db');
    one.destruction.resolve();
    await one.clock.advance(0);
    expect(one.resource.state).toBe('gone');
    const news = one.news();
    expect(news.filter((line) => line.startsWith('onDestroy'))).toEqual(['onDestroy dead db invalidated']);
    expect(news.filter((line) => line.startsWith('destroyed'))).toEqual(['destroyed invalidated']);
  });

  it('learns its kind', async () => {
    const one = newResource();
    expect(one.context.kind).toBe('base');
    one.creation.reject(new Error('over'));
    await one.clock.advance(0);
  });
});

describe('Resource, live', () => {
  it('is destroyed at once when it is retired and nobody uses it', async () => {
    const one = newResource();
    await one.up();
    one.resource.retire('idle');
    expect([one.resource.state, one.resource.reason]).toEqual(['destroying', 'idle']);
    expect(one.news()).toEqual(['closing idle', 'onDestroy db idle']);
    await one.clock.advance(20);
    one.destruction.resolve();
    await one.clock.advance(0);
    expect([one.news(), one.resource.state]).toEqual([['destroyed idle', 'closed@20'], 'gone']);
  });

  it('is destroyed after its last user when it is retired while in use, and takes no new one meanwhile', async () => {
    const one = newResource();
    await one.up();
    one.resource.join();
    one.resource.join();
    one.resource.retire('sick');
    expect([one.resource.state, one.news()]).toEqual(['retiring', ['closing sick']]);
    expect(() => one.resource.join()).toThrow('this one is retiring');
    one.resource.leave();
    expect(one.news()).toEqual([]);
    one.resource.leave();
    expect(one.news()).toEqual(['onDestroy db sick']);
    expect([one.resource.users, one.resource.uses]).toEqual([0, 2]);
    one.destruction.resolve();
    await one.clock.advance(0);
  });

  it('stays when a user leaves', async () => {
    const one = newResource();
    await one.up();
    one.resource.join();
    one.resource.leave();
    expect([one.resource.state, one.resource.users, one.resource.uses]).toEqual(['live', 0, 1]);
    one.resource.discard(undefined);
    one.destruction.resolve();
    await one.clock.advance(0);
  });

  it('that a hook looks at is not destroyed before the hook has ended, which counts as no use', async () => {
    const one = newResource();
    await one.up();
    one.resource.hold();
    one.resource.retire('age');
    expect([one.resource.state, one.resource.uses]).toEqual(['retiring', 0]);
    one.resource.leave();
    expect(one.resource.state).toBe('destroying');
    one.destruction.resolve();
    await one.clock.advance(0);
  });

  it('is retired by invalidate, at any time and once', async () => {
    const one = newResource();
    await one.up();
    one.context.invalidate('reset');
    one.context.invalidate('reset');
    one.resource.retire('idle');
    expect([one.news(), one.resource.reason]).toEqual([
      ['closing invalidated', 'onDestroy db invalidated'],
      'invalidated',
    ]);
    one.destruction.resolve();
    await one.clock.advance(0);
    one.context.invalidate('again');
    expect(one.resource.state).toBe('gone');
  });

  it('keeps the first reason, except that an abandoned one must be known to be in use', async () => {
    const one = newResource();
    await one.up();
    one.resource.join();
    one.resource.retire('invalidated');
    one.resource.retire('idle');
    expect(one.resource.reason).toBe('invalidated');
    one.resource.retire('abandoned');
    one.resource.leave();
    expect(one.news()).toEqual(['closing invalidated', 'onDestroy db abandoned']);
    one.destruction.resolve();
    await one.clock.advance(0);
  });

  it('needs not hurry any more, and goes after its last user, in a shutdown', async () => {
    const one = newResource();
    await one.up();
    one.resource.join();
    one.resource.close('shutdown');
    expect([one.context.signal.aborted, one.resource.state, one.resource.reason]).toEqual([
      false,
      'retiring',
      'shutdown',
    ]);
    one.resource.leave();
    expect(one.resource.state).toBe('destroying');
    one.destruction.resolve();
    await one.clock.advance(0);
  });
});

describe('Resource, destroying', () => {
  it('is given up after destroyTimeout, which is reported; the hook may end later', async () => {
    const one = newResource();
    await one.up();
    one.resource.retire('idle');
    one.news();
    await one.clock.advance(49);
    expect(one.news()).toEqual([]);
    await one.clock.advance(1);
    expect(one.news()).toEqual([
      'onDestroy failed: onDestroy took longer than destroyTimeout, 50 ms',
      'destroyed idle',
      'closed@50',
    ]);
    one.destruction.reject(new Error('much later'));
    await one.clock.advance(0);
    expect([one.news(), one.resource.state]).toEqual([[], 'gone']);
  });

  it('is over when onDestroy fails, which is reported, whatever it throws', async () => {
    for (const [thrown, message] of [
      [new Error('no'), 'no'],
      [undefined, 'onDestroy was rejected with undefined'],
    ] as const) {
      const one = newResource();
      await one.up();
      one.destruction.reject(thrown);
      one.resource.retire('idle');
      await one.clock.advance(0);
      expect(one.news().slice(2)).toEqual([`onDestroy failed: ${message}`, 'destroyed idle', 'closed@0']);
    }
    const one = newResource({
      onDestroy: () => {
        throw new Error('sync');
      },
    });
    await one.up();
    one.resource.retire('idle');
    await one.clock.advance(0);
    expect(one.news()).toEqual(['closing idle', 'onDestroy failed: sync', 'destroyed idle', 'closed@0']);
  });
});

describe('Resource, discarded', () => {
  it('while live: is destroyed although somebody uses it', async () => {
    const one = newResource();
    await one.up();
    one.resource.join();
    one.resource.discard('kill');
    expect([one.news(), one.resource.state]).toEqual([['closing shutdown', 'onDestroy db shutdown'], 'destroying']);
    one.resource.leave();
    one.destruction.resolve();
    await one.clock.advance(0);
    expect(one.news()).toEqual(['destroyed shutdown', 'closed@0']);
  });

  it('while retiring: is destroyed although somebody still uses it', async () => {
    const one = newResource();
    await one.up();
    one.resource.join();
    one.resource.retire('sick');
    one.news();
    one.resource.discard('kill');
    expect(one.news()).toEqual(['onDestroy db shutdown']);
    one.resource.leave();
    one.destruction.resolve();
    await one.clock.advance(0);
    expect(one.news()).toEqual(['destroyed shutdown', 'closed@0']);
  });

  it('while destroying or gone: nothing more happens', async () => {
    const one = newResource();
    await one.up();
    one.resource.retire('idle');
    one.news();
    one.resource.discard('kill');
    expect(one.news()).toEqual([]);
    one.destruction.resolve();
    await one.clock.advance(0);
    one.news();
    one.resource.discard('kill');
    one.resource.retire('sick');
    one.resource.close('kill');
    await one.clock.advance(1_000);
    expect([one.news(), one.resource.state]).toEqual([[], 'gone']);
  });
});

describe('Resource', () => {
  it('calls its hooks in the scope it was given', async () => {
    const calls: string[] = [];
    const scope: AsyncScope = {
      runInAsyncScope: (fn, thisArg, ...args) => {
        calls.push('in scope');
        return Reflect.apply(fn, thisArg, args);
      },
    };
    const one = newResource({ scope });
    await one.up();
    one.resource.retire('idle');
    one.destruction.resolve();
    await one.clock.advance(0);
    expect([calls.length, one.resource.state]).toEqual([2, 'gone']);
  });

  it('whatever is done to it: is destroyed once if it was made, tells of each step once, and ends gone', async () => {
    type Step =
      | { op: 'use' | 'leave' | 'invalidate' | 'close' | 'discard' | 'created' | 'failed' | 'destroyed' }
      | { op: 'wait'; ms: number }
      | { op: 'retire'; reason: DestroyReason };
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ op: fc.constantFrom('use' as const, 'leave' as const, 'created' as const, 'destroyed' as const) }),
      fc.record({
        op: fc.constantFrom('invalidate' as const, 'close' as const, 'discard' as const, 'failed' as const),
      }),
      fc.record({ op: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 60 }) }),
      fc.record({
        op: fc.constant('retire' as const),
        reason: fc.constantFrom<DestroyReason>('idle', 'sick', 'abandoned'),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const one = newResource();
        const { resource, clock, log } = one;
        for (const step of steps) {
          switch (step.op) {
            case 'use':
              if (resource.state === 'live') resource.join();
              else expect(() => resource.join()).toThrow('only while it is live');
              break;
            case 'leave':
              if (resource.users > 0) resource.leave();
              break;
            case 'invalidate':
              one.context.invalidate();
              break;
            case 'close':
              resource.close('close');
              break;
            case 'discard':
              resource.discard('discard');
              break;
            case 'created':
              one.creation.resolve('db');
              break;
            case 'failed':
              one.creation.reject(new Error('failed'));
              break;
            case 'destroyed':
              one.destruction.resolve();
              break;
            case 'retire':
              resource.retire(step.reason);
              break;
            case 'wait':
              await clock.advance(step.ms);
          }
        }
        one.creation.resolve('db');
        await clock.advance(0);
        resource.retire('idle');
        while (resource.users > 0) resource.leave();
        await clock.advance(200);
        const count = (word: string): number => log.filter((line) => line.split(/[ @]/)[0] === word).length;
        const made = count('created');
        expect(resource.state).toBe('gone');
        expect([made <= 1, count('onCreate')]).toEqual([true, 1]);
        expect([log.filter((line) => line.startsWith('onDestroy db')).length, count('destroyed')]).toEqual([
          made,
          made,
        ]);
        for (const word of ['opened', 'notOpened', 'closing', 'closed']) expect(count(word)).toBeLessThanOrEqual(1);
        expect(count('notOpened') + count('closed')).toBe(1);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
