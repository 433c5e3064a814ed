import type { TaskManager } from 'tasker';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it } from 'vitest';
import { harness, watch } from '../support/harness.ts';

describe('while a dispatch asks for more workers', () => {
  it.each(['scaling', 'onCreate', 'logger'])('%s may pause the manager: nothing more starts', async (where) => {
    const { manage, clock, fakes, work } = harness({ createDelay: (n) => (n === 1 ? 0 : 1_000) });
    const paused: string[] = [];
    const pauseIn = (place: string): void => {
      if (place !== where || manager === undefined || paused.length > 0) return;
      paused.push(place);
      manager.pause();
    };
    const log = (message: string): void => {
      if (message.includes('workers')) pauseIn('logger');
    };
    let manager: TaskManager<FakeResource> | undefined;
    manager = await manage({
      maxWorkerCount: 2,
      scaling: () => (pauseIn('scaling'), 2),
      onCreate: (context) => (pauseIn('onCreate'), fakes.onCreate(context)),
      logger: { debug: log, info: log, warn: log, error: log },
    });
    const runs: string[] = [];
    for (const name of ['a', 'b', 'c']) watch(manager.queueTask((resource) => (runs.push(name), work(2)(resource))));
    await clock.advance(10);
    expect([paused, runs]).toEqual([[where], ['a']]);
    manager.resume();
    await clock.advance(10);
    expect(runs).toEqual(['a', 'b', 'c']);
  });
});
