import { metrics } from '@opentelemetry/api';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { createTaskManager } from 'tasker';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { instrument } from '../../src/otel/index.ts';
import { start, startBusy, watch } from '../support/harness.ts';
import { metering } from './sdk.ts';

const manager = { 'tasker.manager.name': 'images' };

const histogram = (sum: number, count: number): object =>
  expect.objectContaining({ sum: expect.closeTo(sum, 6), count });

describe('the metrics', () => {
  it('are named, described and in units', async () => {
    const bench = await start({ maxRetries: 1, checkHealth: () => false });
    const { meterProvider, collect } = metering();
    instrument(bench.manager, { meterProvider });
    watch(bench.manager.queueTask(() => Promise.reject(new Error('no'))));
    await bench.clock.advance(1_000);
    const all = await collect();
    expect(all.map(({ descriptor, dataPointType }) => [descriptor.name, descriptor.unit, dataPointType])).toEqual([
      ['tasker.task.wait.duration', 's', DataPointType.HISTOGRAM],
      ['tasker.task.run.duration', 's', DataPointType.HISTOGRAM],
      ['tasker.tasks', '{task}', DataPointType.SUM],
      ['tasker.task.retries', '{retry}', DataPointType.SUM],
      ['tasker.resources.created', '{resource}', DataPointType.SUM],
      ['tasker.resources.destroyed', '{resource}', DataPointType.SUM],
      ['tasker.workers', '{worker}', DataPointType.GAUGE],
      ['tasker.queue.size', '{task}', DataPointType.GAUGE],
    ]);
    expect(all.filter(({ descriptor }) => descriptor.description === '')).toEqual([]);
  });

  it('time waits and runs in seconds, in buckets made for tasks', async () => {
    const { manager: images, clock, sleep, open } = await startBusy({ name: 'images' });
    const { meterProvider, values } = metering();
    instrument(images, { meterProvider });
    watch(images.queueTask(() => sleep(200)));
    await clock.advance(3_000);
    open();
    await clock.advance(0);
    await clock.advance(200);
    expect(await values('tasker.task.wait.duration')).toEqual([[manager, histogram(3, 2)]]);
    expect(await values('tasker.task.run.duration')).toEqual([[manager, histogram(3.2, 2)]]);
    const [[, run] = []] = await values('tasker.task.run.duration');
    expect(run).toMatchObject({ buckets: { boundaries: expect.arrayContaining([0.001, 0.25, 10, 300]) } });
  });

  it('count tasks by their outcome, and retries', async () => {
    const { manager: images, clock } = await startBusy({ name: 'images', maxQueueSize: 3, queueTimeout: 50 });
    const { meterProvider, values } = metering();
    instrument(images, { meterProvider, attributes: { zone: 'a' } });
    const waiting = [1, 2, 3].map(() => images.submit(() => 1));
    for (const { result } of waiting) watch(result);
    watch(images.queueTask(() => 1));
    waiting[0]?.cancel();
    await clock.advance(60);
    const counted = await values('tasker.tasks');
    expect(counted.toSorted(([, a], [, b]) => Number(a) - Number(b))).toEqual([
      [{ zone: 'a', ...manager, 'tasker.outcome': 'dropped' }, 1],
      [{ zone: 'a', ...manager, 'tasker.outcome': 'cancelled' }, 1],
      [{ zone: 'a', ...manager, 'tasker.outcome': 'failed' }, 2],
    ]);
    expect(await values('tasker.task.run.duration'), 'none of them ran').toEqual([]);
    expect(await values('tasker.task.wait.duration')).toEqual([
      [{ zone: 'a', ...manager }, expect.objectContaining({ count: 2, sum: expect.closeTo(0.1, 6) })],
    ]);
  });

  it('show workers and queues as they are when they are collected, also after the manager has stopped', async () => {
    const { manager: images, settle, open } = await startBusy({ name: 'images', workerCount: 2 });
    const { meterProvider, values } = metering();
    instrument(images, { meterProvider });
    for (const state of ['idle', 'busy']) {
      expect(await values('tasker.workers')).toContainEqual([{ ...manager, 'tasker.worker.state': state }, 1]);
    }
    images.pause();
    watch(images.queueTask(() => 1));
    watch(images.queueTaskWithPriority(() => 1));
    watch(images.queueTaskWithPriority(() => 1));
    expect(await values('tasker.queue.size')).toEqual([
      [{ ...manager, 'tasker.queue': 'main' }, 1],
      [{ ...manager, 'tasker.queue': 'priority' }, 2],
      [{ ...manager, 'tasker.queue': 'retrying' }, 0],
    ]);
    open();
    void images.stop();
    await settle();
    expect((await values('tasker.workers')).map(([, count]) => count)).toEqual([0, 0, 0, 0]);
  });

  it('do not keep a manager that has stopped, and show nothing of it any more', async () => {
    const { meterProvider, values } = metering();
    const gone = await (async () => {
      const images = await createTaskManager({ workerCount: 1, name: 'images' });
      instrument(images, { meterProvider });
      expect(await values('tasker.workers')).toContainEqual([{ ...manager, 'tasker.worker.state': 'idle' }, 1]);
      await images.stop();
      return new WeakRef(images);
    })();
    await vi.waitUntil(() => {
      globalThis.gc?.();
      return gone.deref() === undefined;
    });
    for (let i = 0; i < 2; i++)
      expect((await values('tasker.workers')).map(([, count]) => count)).toEqual([0, 0, 0, 0]);
  });

  it('of several managers of the same name are added up, also when one of them has stopped or is gone', async () => {
    const { meterProvider, values } = metering();
    const make = async () =>
      instrument(await createTaskManager({ workerCount: 2, resourcePoolSize: 0, name: 'images' }), { meterProvider });
    const completed = async (): Promise<unknown> =>
      (await values('tasker.tasks')).find(([labels]) => labels['tasker.outcome'] === 'completed')?.[1];
    const idle = { ...manager, 'tasker.worker.state': 'idle' };
    const first = await make();
    onTestFinished(async () => void (await first.stop()));
    const gone = await (async () => {
      const second = await make();
      await Promise.all([first.queueTask(() => {}), second.queueTask(() => {})]);
      expect(await values('tasker.workers')).toContainEqual([idle, 4]);
      expect(await completed()).toBe(2);
      await second.stop();
      return new WeakRef(second);
    })();
    expect(await values('tasker.workers')).toContainEqual([idle, 2]);
    await vi.waitUntil(() => {
      globalThis.gc?.();
      return gone.deref() === undefined;
    });
    for (let i = 0; i < 2; i++) expect(await values('tasker.workers')).toContainEqual([idle, 2]);
    await first.queueTask(() => {});
    expect(await completed()).toBe(3);
    expect(await values('tasker.resources.created')).toEqual([[manager, 4]]);
  });

  it('count resources, also those that came up before anybody listened, and why they are gone', async () => {
    const { manager: images, clock } = await start({ name: 'images', workerCount: 2, resourcePoolSize: 1 });
    const { meterProvider, values } = metering();
    instrument(images, { meterProvider });
    expect(await values('tasker.resources.created')).toEqual([[manager, 3]]);
    void images.recycle();
    await clock.advance(100);
    expect(await values('tasker.resources.created')).toEqual([[manager, 6]]);
    expect(await values('tasker.resources.destroyed')).toEqual([[{ ...manager, 'tasker.reason': 'recycled' }, 3]]);
  });

  it('go by default to the provider that is registered with the API', async () => {
    const { manager: images } = await start({ name: 'images' });
    const { meterProvider, values } = metering();
    metrics.setGlobalMeterProvider(meterProvider);
    onTestFinished(() => metrics.disable());
    instrument(images);
    expect(await values('tasker.resources.created')).toEqual([[manager, 1]]);
  });
});
