import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventNames } from 'tasker';
import { publishEvents } from '../../src/node/index.ts';
import { start, watch } from '../support/harness.ts';

/** Subscribes for the rest of the test. */
function hear(event: string, listener: (message: never) => void): () => void {
  const name = `tasker:${event}`;
  subscribe(name, listener as never);
  const forget = (): void => void unsubscribe(name, listener as never);
  onTestFinished(forget);
  return forget;
}

describe('publishEvents', () => {
  it('publishes each event on its channel, with the name of the manager', async () => {
    const { manager, settle } = await start({ name: 'images' });
    const heard: string[] = [];
    publishEvents(manager);
    for (const event of eventNames) {
      hear(event, ({ manager }: { manager: string }) => heard.push(`${manager} ${event}`));
    }
    const listened: string[] = [];
    for (const event of eventNames) manager.on(event, () => listened.push(`images ${event}`));
    watch(manager.queueTask(() => 1));
    watch(manager.queueTask(() => Promise.reject(new Error('no'))));
    await settle();
    void manager.stop();
    await settle();
    expect(heard).toEqual(listened);
    expect(heard).toContain('images stopped');
  });

  it('publishes what the event carries', async () => {
    const { manager, settle } = await start({ name: 'images' });
    publishEvents(manager);
    const messages: unknown[] = [];
    hear('failed', (message) => messages.push(message));
    const error = new Error('no');
    watch(manager.queueTask(() => Promise.reject(error), { name: 'thumb' }));
    await settle();
    expect(messages).toEqual([
      { manager: 'images', task: expect.objectContaining({ name: 'thumb' }), error, finishedAt: expect.any(Number) },
    ]);
  });

  it('listens to the manager only while a channel has subscribers', async () => {
    const { manager, settle } = await start();
    const on = vi.spyOn(manager, 'on');
    publishEvents(manager);
    expect(on.mock.calls.map(([event]) => event)).toEqual(['stopped']);
    const heard: unknown[] = [];
    const forget = hear('completed', (message) => heard.push(message));
    const forgetSecond = hear('completed', () => {});
    expect(on.mock.calls.map(([event]) => event)).toEqual(['stopped', 'completed']);
    watch(manager.queueTask(() => 1));
    await settle();
    forgetSecond();
    forget();
    watch(manager.queueTask(() => 2));
    await settle();
    expect(heard).toHaveLength(1);
    hear('completed', (message) => heard.push(message));
    watch(manager.queueTask(() => 3));
    await settle();
    expect(heard).toHaveLength(2);
  });

  it('hears of subscriptions to the channel itself, and of stores', async () => {
    const { manager, settle } = await start();
    publishEvents(manager);
    const heard: unknown[] = [];
    const listener = (message: unknown): void => void heard.push(message);
    const queued = channel('tasker:queued');
    queued.subscribe(listener);
    const storage = new AsyncLocalStorage<unknown>();
    const started = channel('tasker:started');
    started.bindStore(storage, () => 1);
    watch(manager.queueTask(() => 1));
    await settle();
    expect(heard).toHaveLength(1);
    expect([queued.unsubscribe(listener), queued.unsubscribe(listener)]).toEqual([true, false]);
    expect(started.unbindStore(storage)).toBe(true);
    expect([queued.hasSubscribers, started.hasSubscribers]).toEqual([false, false]);
  });

  it('publishes for several managers, until each is told to end that or has stopped', async () => {
    const { manager, manage, settle } = await start({ name: 'one' });
    const second = await manage({ name: 'two' });
    const heard: string[] = [];
    hear('completed', ({ manager }: { manager: string }) => heard.push(manager));
    const end = publishEvents(manager);
    publishEvents(second);
    const play = async (): Promise<void> => {
      watch(manager.queueTask(() => 1));
      watch(second.queueTask(() => 1));
      await settle();
    };
    await play();
    expect(heard).toEqual(['one', 'two']);
    end();
    end();
    await play();
    expect(heard).toEqual(['one', 'two', 'two']);
    void second.stop();
    await settle();
    const on = vi.spyOn(second, 'on');
    hear('completed', () => {});
    expect(on).not.toHaveBeenCalled();
  });

  it('publishes each event once, however often it is called, until the last of them is told to end that', async () => {
    const { manager, settle } = await start();
    const ends = [publishEvents(manager), publishEvents(manager)];
    const heard: unknown[] = [];
    hear('completed', (message) => heard.push(message));
    const counts: number[] = [];
    for (const end of [undefined, ends[0], ends[0], ends[1]]) {
      end?.();
      watch(manager.queueTask(() => 1));
      await settle();
      counts.push(heard.length);
    }
    expect(counts).toEqual([1, 2, 3, 3]);
    publishEvents(manager);
    watch(manager.queueTask(() => 1));
    await settle();
    expect(heard).toHaveLength(4);
  });

  it('forgets a manager that was over before', async () => {
    const { manager, manage, settle } = await start();
    const killed = await manage();
    void manager.stop();
    void killed.kill();
    await settle();
    for (const over of [manager, killed]) publishEvents(over);
    await settle();
    const ons = [manager, killed].map((over) => vi.spyOn(over, 'on'));
    hear('completed', () => {});
    for (const on of ons) expect(on).not.toHaveBeenCalled();
  });

  it('refuses what is no manager', () => {
    expect(() => publishEvents(undefined as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: 'manager must be a task manager, got undefined' }),
    );
  });
});
