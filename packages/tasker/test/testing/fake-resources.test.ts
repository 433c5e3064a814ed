import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createTaskManager } from '../../src/index.ts';
import { FakeResource } from '../../src/testing/fake-resource.ts';
import { fakeResources } from '../../src/testing/fake-resources.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

/** How a promise stands after everything that can settle has settled. */
async function state(promise: Promise<unknown>): Promise<string> {
  let result = 'pending';
  promise.then(
    () => (result = 'fulfilled'),
    () => (result = 'rejected'),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return result;
}

describe('fakeResources', () => {
  it('makes, numbers, counts and destroys', async () => {
    const fakes = fakeResources();
    const [a, b] = await Promise.all([fakes.onCreate(), fakes.onCreate()]);
    expect([a.id, b.id, fakes.created, fakes.alive, fakes.peak]).toEqual([1, 2, 2, 2, 2]);
    await fakes.onDestroy(b, 'idle');
    await fakes.onDestroy(a);
    expect([fakes.attempts, fakes.created, fakes.destroyed, fakes.alive, fakes.peak]).toEqual([2, 2, 2, 0, 2]);
    expect([fakes.all, fakes.reasons, fakes.violations]).toEqual([[a, b], ['idle', 'unknown'], []]);
  });

  it('can be spread into a configuration: only the hooks are its own properties', () => {
    expect(Object.keys({ ...fakeResources() })).toEqual(['onCreate', 'onDestroy']);
  });

  it('takes its time to make and to destroy', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, createDelay: 100, destroyDelay: (n) => n * 10 });
    const creation = fakes.onCreate();
    await clock.advance(99);
    expect(fakes.created).toBe(0);
    await clock.advance(1);
    const resource = await creation;
    const destruction = fakes.onDestroy(resource, 'age');
    await clock.advance(9);
    expect([resource.state, fakes.destroyed, fakes.alive]).toEqual(['destroying', 1, 0]);
    await clock.advance(1);
    await destruction;
    expect(resource.state).toBe('destroyed');
  });

  it('counts those being made and being destroyed for the peak', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, createDelay: 10, destroyDelay: 10 });
    const creation = fakes.onCreate();
    await clock.advance(10);
    const destruction = fakes.onDestroy(await creation, 'sick');
    const next = fakes.onCreate();
    expect(fakes.peak).toBe(2);
    await clock.runAll();
    await Promise.all([destruction, next]);
    void fakes.onCreate();
    expect(fakes.peak).toBe(2);
  });

  it('fails creations on demand', async () => {
    const own = new Error('own');
    const fakes = fakeResources({ failCreate: (n) => [false, undefined, true, own, 'text'][n - 1] });
    await fakes.onCreate();
    await fakes.onCreate();
    await expect(fakes.onCreate()).rejects.toThrow('creation 3 failed');
    await expect(fakes.onCreate()).rejects.toBe(own);
    await expect(fakes.onCreate()).rejects.toBe('text');
    expect([fakes.attempts, fakes.created, fakes.alive, fakes.peak]).toEqual([5, 2, 2, 3]);
    await expect(fakeResources({ failCreate: true }).onCreate()).rejects.toThrow('creation 1 failed');
    await expect(fakeResources({ failCreate: own }).onCreate()).rejects.toBe(own);
  });

  it('fails destructions on demand, after which the resource is gone', async () => {
    const fakes = fakeResources({ failDestroy: (n) => n === 1 });
    const resource = await fakes.onCreate();
    await expect(fakes.onDestroy(resource, 'idle')).rejects.toThrow('destruction 1 failed');
    expect([resource.state, fakes.destroyed, fakes.alive, fakes.violations]).toEqual(['destroyed', 1, 0, []]);
    await fakes.onCreate();
    expect(fakes.peak).toBe(1);
  });

  it('hangs on demand', async () => {
    const fakes = fakeResources({ hangCreate: (n) => n === 1, hangDestroy: true });
    expect(await state(fakes.onCreate())).toBe('pending');
    const resource = await fakes.onCreate();
    expect(await state(fakes.onDestroy(resource, 'idle'))).toBe('pending');
    expect([resource.state, fakes.destroyed, fakes.alive, fakes.peak]).toEqual(['destroying', 1, 0, 2]);
  });

  it('goes on with a creation whose signal aborts, but no longer counts it for the peak', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, createDelay: 100 });
    const controller = new AbortController();
    const late = fakes.onCreate({ signal: controller.signal });
    controller.abort();
    const other = fakes.onCreate();
    await clock.advance(100);
    await other;
    const resource = await late;
    expect([fakes.created, fakes.alive, fakes.peak]).toEqual([2, 2, 1]);
    await fakes.onDestroy(resource, 'late');
    await clock.advance(100);
    void fakes.onCreate();
    expect([fakes.alive, fakes.peak]).toEqual([1, 2]);
  });

  it('gives a creation up when its signal aborts, if it is cooperative', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, createDelay: 100, hangCreate: (n) => n === 2, cooperative: true });
    const controller = new AbortController();
    const { signal } = controller;
    const creations = [fakes.onCreate({ signal }), fakes.onCreate({ signal })];
    await clock.advance(50);
    controller.abort('enough');
    for (const creation of creations) await expect(creation).rejects.toBe('enough');
    await expect(fakes.onCreate({ signal })).rejects.toBe('enough');
    expect([fakes.attempts, fakes.created, fakes.peak, clock.pending]).toEqual([3, 0, 2, 0]);
  });

  it('leaves no listener on a signal that did not abort', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, createDelay: 100, cooperative: true });
    const { signal } = new AbortController();
    const creation = fakes.onCreate({ signal });
    await clock.advance(100);
    await creation;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('writes down every misuse', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock });
    const resource = await fakes.onCreate();
    void resource.work(10);
    await expect(resource.use()).rejects.toThrow('by more than 1 at once');
    await fakes.onDestroy(resource, 'idle');
    await expect(resource.use()).rejects.toThrow('after its destruction');
    await expect(fakes.onDestroy(resource, 'idle')).rejects.toThrow('destroyed twice');
    await expect(fakes.onDestroy(new FakeResource(), 'idle')).rejects.toThrow('onCreate has not made');
    expect(fakes.violations).toEqual([
      'resource 1 was used by more than 1 at once',
      'resource 1 was destroyed (idle) while in use',
      'resource 1 was used after its destruction',
      'resource 1 was destroyed twice',
      'something was destroyed that was not made here',
    ]);
    expect([fakes.destroyed, fakes.reasons]).toEqual([1, ['idle']]);
  });

  it.each(['shutdown', 'abandoned'])('lets a resource be destroyed in use as %s', async (reason) => {
    const fakes = fakeResources({ clock: new VirtualClock(), places: 2 });
    const resource = await fakes.onCreate();
    void resource.work(10);
    void resource.work(10);
    await fakes.onDestroy(resource, reason);
    expect(fakes.violations).toEqual([]);
  });
});

interface Client {
  query(sql: string): Promise<string>;
}

function make(fake: FakeResource): Client {
  return {
    query: async (sql) => {
      await fake.work(10);
      return `${sql} by ${fake.id}`;
    },
  };
}

describe('fakeResources with make', () => {
  it('gives a manager the clients, and counts what they do', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, make });
    const manager = await createTaskManager({ ...fakes, clock, workerCount: 2, resourcePoolSize: 0 });
    const results = Promise.all(['a', 'b', 'c'].map((sql) => manager.queueTask((client) => client.query(sql))));
    await clock.advance(5);
    expect(fakes.all.map(({ users }) => users)).toEqual([1, 1]);
    await clock.advance(15);
    expect((await results).map((result) => result.slice(0, 4))).toEqual(['a by', 'b by', 'c by']);
    expect(fakes.all.reduce((sum, { uses }) => sum + uses, 0)).toBe(3);
    const stopping = manager.stop();
    await clock.runAll();
    await stopping;
    expect([fakes.created, fakes.destroyed, fakes.violations]).toEqual([2, 2, []]);
  });

  it('finds the fake of a client: one that has died fails its task', async () => {
    const clock = new VirtualClock();
    const fakes = fakeResources({ clock, make });
    const client = await fakes.onCreate();
    fakes.of(client).die();
    await expect(client.query('a')).rejects.toThrow('resource 1 is dead');
    await fakes.onDestroy(client, 'sick');
    expect([fakes.of(client).state, fakes.reasons]).toEqual(['destroyed', ['sick']]);
    expect(() => fakes.of(make(new FakeResource()))).toThrow('of() got something that onCreate has not made');
  });

  it('notices the misuse of a client', async () => {
    const fakes = fakeResources({ clock: new VirtualClock(), make });
    const client = await fakes.onCreate();
    void client.query('a');
    await expect(client.query('b')).rejects.toThrow('by more than 1 at once');
    await fakes.onDestroy(client, 'idle');
    await expect(client.query('c')).rejects.toThrow('after its destruction');
    await expect(fakes.onDestroy(make(new FakeResource()))).rejects.toThrow('onCreate has not made');
    expect(fakes.violations).toHaveLength(4);
  });

  it('fails the creation if make throws, or returns the same twice', async () => {
    const throwing = fakeResources({
      make: () => {
        throw new Error('no client');
      },
    });
    await expect(throwing.onCreate()).rejects.toThrow('no client');
    expect([throwing.attempts, throwing.created, throwing.alive]).toEqual([1, 0, 0]);
    const client = {};
    const same = fakeResources({ make: () => client });
    await same.onCreate();
    await expect(same.onCreate()).rejects.toThrow('make() returned the same for two fakes');
    expect([same.created, same.of(client)]).toEqual([1, same.all[0]]);
  });

  it('is its own fake without make', async () => {
    const fakes = fakeResources();
    const fake = await fakes.onCreate();
    expect(fakes.of(fake)).toBe(fake);
  });
});
