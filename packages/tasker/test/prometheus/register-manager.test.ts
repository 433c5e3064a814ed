import { AggregatorRegistry, Counter, Registry } from 'prom-client';
import type { OpenMetricsContentType } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registerManager } from '../../src/prometheus/index.ts';
import { harness, start, startBusy, watch } from '../support/harness.ts';
import { promtool } from './promtool.ts';
import { Scrape } from './scrape.ts';

const scrape = async (registry: Pick<Registry, 'metrics'>): Promise<Scrape> => {
  const read = new Scrape(await registry.metrics());
  expect(read.repeated).toEqual([]);
  return read;
};

const NAMES = [
  'tasker_tasks_total',
  'tasker_task_retries_total',
  'tasker_task_wait_seconds',
  'tasker_task_run_seconds',
  'tasker_workers',
  'tasker_queue_tasks',
  'tasker_leases',
  'tasker_spare_resources',
  'tasker_resources_created_total',
  'tasker_resources_destroyed_total',
  'tasker_create_failures_total',
];

describe('a scrape', () => {
  it('has each metric with its type and help, and promtool has nothing against it', async () => {
    const { manager, clock } = await start({ name: 'images', checkHealth: () => false, maxRetries: 1 });
    const registry = new Registry();
    registerManager(registry, manager, { labels: { zone: 'a' } });
    watch(manager.queueTask(() => Promise.reject(new Error('no')), { name: 'with "quotes"\nand \\' }));
    watch(manager.queueTask(() => 1));
    await clock.advance(1_000);
    const { text, lines } = await scrape(registry);
    expect([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)).toEqual(NAMES);
    for (const line of [...lines.values()].flat()) expect(line.labels).toMatchObject({ manager: 'images', zone: 'a' });
    promtool(['check', 'metrics'], text);
  });

  it('counts tasks by outcome from 0 on, and retries', async () => {
    const { manager, clock } = await startBusy({ maxQueueSize: 3, queueTimeout: 50 });
    const registry = new Registry();
    registerManager(registry, manager);
    expect((await scrape(registry)).value('tasker_tasks_total', { outcome: 'completed' })).toBe(0);
    const waiting = [1, 2, 3].map(() => manager.submit(() => 1));
    for (const { result } of waiting) watch(result);
    watch(manager.queueTask(() => 1));
    waiting[0]?.cancel();
    await clock.advance(60);
    const read = await scrape(registry);
    const outcomes = ['completed', 'failed', 'cancelled', 'dropped'].map((outcome) =>
      read.value('tasker_tasks_total', { outcome }),
    );
    expect(outcomes).toEqual([0, 2, 1, 1]);
    expect(read.value('tasker_task_retries_total')).toBe(0);
  });

  it('times waits and runs in seconds by the name of the task', async () => {
    const { manager, clock, sleep, open } = await startBusy();
    const registry = new Registry();
    registerManager(registry, manager);
    watch(manager.queueTask(() => sleep(200), { name: 'thumb' }));
    await clock.advance(3_000);
    open();
    await clock.advance(0);
    await clock.advance(200);
    const read = await scrape(registry);
    const of = (metric: string, labels: object = {}) => read.value(metric, { task: 'thumb', ...labels });
    expect(of('tasker_task_wait_seconds_sum')).toBeCloseTo(3);
    expect(of('tasker_task_run_seconds_sum')).toBeCloseTo(0.2);
    expect(of('tasker_task_run_seconds_count')).toBe(1);
    const buckets = read.lines
      .get('tasker_task_run_seconds_bucket')
      ?.filter(({ labels }) => labels['task'] === 'thumb');
    expect(buckets?.map(({ labels, value }) => [labels['le'], value])).toEqual([
      ...['0.001', '0.005', '0.01', '0.025', '0.05', '0.1'].map((le) => [le, 0]),
      ...['0.25', '0.5', '1', '2.5', '5', '10', '30', '60', '300', '+Inf'].map((le) => [le, 1]),
    ]);
    expect(read.value('tasker_task_run_seconds_sum', { task: 'task' }), 'that of the one without a name').toBeCloseTo(
      3,
    );
  });

  it('tells 50 names of tasks apart, and calls the others other', async () => {
    const { manager, clock } = await start();
    const registry = new Registry();
    registerManager(registry, manager);
    for (let i = 0; i < 60; i++) watch(manager.queueTask(() => 1, { name: `task ${i}` }));
    await clock.advance(0);
    const read = await scrape(registry);
    expect(read.lines.get('tasker_task_run_seconds_count')).toHaveLength(51);
    expect(read.value('tasker_task_run_seconds_count', { task: 'other' })).toBe(10);
    expect(read.value('tasker_task_run_seconds_count', { task: 'task 49' })).toBe(1);
  });

  it('shows workers, queues, leases and resources as they are when it is made', async () => {
    const { manager, clock, open } = await startBusy({ workerCount: 3, resourcePoolSize: 2 });
    const registry = new Registry();
    registerManager(registry, manager);
    const lease = await manager.lease();
    manager.pause();
    watch(manager.queueTask(() => 1));
    watch(manager.queueTaskWithPriority(() => 1));
    const read = await scrape(registry);
    const states = ['idle', 'busy', 'starting', 'quarantined'].map((state) => read.value('tasker_workers', { state }));
    expect(states).toEqual([1, 2, 0, 0]);
    const queues = ['main', 'priority', 'retrying'].map((queue) => read.value('tasker_queue_tasks', { queue }));
    expect(queues).toEqual([1, 1, 0]);
    expect(read.value('tasker_leases')).toBe(1);
    expect(read.value('tasker_spare_resources')).toBe(2);
    expect(read.value('tasker_resources_created_total'), 'from the first on').toBe(5);
    await lease.release();
    open();
    void manager.stop();
    await clock.advance(0);
    const after = await scrape(registry);
    expect(after.value('tasker_workers', { state: 'idle' })).toBe(0);
    expect(after.value('tasker_resources_destroyed_total', { reason: 'shutdown' })).toBe(5);
  });

  it('counts creations that fail', async () => {
    const { manage, fakes, clock } = harness();
    let isDown = false;
    const onCreate: typeof fakes.onCreate = (context) => {
      if (isDown) throw new Error('down');
      return fakes.onCreate(context);
    };
    const registry = new Registry();
    const manager = await manage({ onCreate });
    registerManager(registry, manager);
    isDown = true;
    watch(manager.recycle());
    await clock.advance(0);
    isDown = false;
    expect((await scrape(registry)).value('tasker_create_failures_total')).toBe(1);
  });
});

describe('the registry', () => {
  it('shows several managers in the same metrics, each with its name', async () => {
    const { manager, manage, settle } = await start({ name: 'one' });
    const second = await manage({ name: 'two' });
    const registry = new Registry();
    registerManager(registry, manager);
    registerManager(registry, second);
    watch(manager.queueTask(() => 1));
    watch(second.queueTask(() => 1));
    watch(second.queueTask(() => 1));
    await settle();
    const read = await scrape(registry);
    const completed = ['one', 'two'].map((name) =>
      read.value('tasker_tasks_total', { manager: name, outcome: 'completed' }),
    );
    expect(completed).toEqual([1, 2]);
    expect(registry.getMetricsAsArray()).toHaveLength(NAMES.length);
  });

  it('shows no manager that was taken out, and goes on counting when it is registered again', async () => {
    const { manager, manage, settle } = await start({ name: 'one' });
    const registry = new Registry();
    const remove = registerManager(registry, manager);
    const removeSecond = registerManager(registry, await manage({ name: 'two' }));
    const play = async (): Promise<void> => {
      watch(manager.queueTask(() => 1, { name: 'thumb' }));
      await settle();
    };
    await play();
    remove();
    remove();
    expect((await scrape(registry)).text).not.toContain('manager="one"');
    await play();
    registerManager(registry, manager);
    await play();
    const read = await scrape(registry);
    expect(read.value('tasker_tasks_total', { manager: 'one', outcome: 'completed' })).toBe(2);
    expect(read.value('tasker_task_run_seconds_count', { task: 'thumb' })).toBe(2);
    removeSecond();
  });

  it('is left as it was by the last manager', async () => {
    const { manager } = await start();
    const registry = new Registry();
    const remove = registerManager(registry, manager);
    expect(registry.getMetricsAsArray()).toHaveLength(NAMES.length);
    remove();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('counts a manager that is registered twice once, and shows one of the same name together with it', async () => {
    const { manager, manage, settle } = await start({ name: 'same' });
    const twin = await manage({ name: 'same' });
    const registry = new Registry();
    registerManager(registry, manager);
    const remove = registerManager(registry, manager);
    registerManager(registry, twin);
    watch(manager.queueTask(() => 1));
    watch(twin.queueTask(() => 1));
    await settle();
    expect((await scrape(registry)).value('tasker_tasks_total', { outcome: 'completed' })).toBe(2);
    remove();
    expect((await scrape(registry)).value('tasker_workers', { state: 'idle' })).toBe(2);
  });

  it('keeps what was counted of a manager that has left, for those of the same name', async () => {
    const { manager, manage, sleep, clock } = await start({ name: 'same' });
    const registry = new Registry();
    const play = async (other: typeof manager, ms: number): Promise<void> => {
      watch(other.queueTask(() => sleep(ms)));
      await clock.advance(ms);
    };
    const counters = async (): Promise<Map<string, number>> => {
      const { lines } = await scrape(registry);
      const counted = [...lines]
        .filter(([name]) => /_(total|bucket|sum|count)$/.test(name))
        .flatMap(([name, all]) =>
          all.map(({ labels, value }): [string, number] => [`${name} ${JSON.stringify(labels)}`, value]),
        );
      return new Map(counted);
    };
    let before = new Map<string, number>();
    const nothingWentBack = async (): Promise<void> => {
      const now = await counters();
      expect([...before].filter(([series, value]) => !((now.get(series) ?? -1) >= value))).toEqual([]);
      before = now;
    };

    const remove = registerManager(registry, manager);
    await play(manager, 100.1);
    const twin = await manage({ name: 'same' });
    const removeTwin = registerManager(registry, twin);
    await play(twin, 200.7);
    await play(twin, 0.3);
    await nothingWentBack();
    remove();
    await nothingWentBack();
    await play(twin, 3.3);
    await nothingWentBack();
    removeTwin();
    expect(registry.getMetricsAsArray()).toEqual([]);
    const third = await manage({ name: 'same' });
    const removeThird = registerManager(registry, third);
    await nothingWentBack();
    registerManager(registry, manager);
    await nothingWentBack();
    await play(manager, 7.9);
    await nothingWentBack();
    removeThird();
    await nothingWentBack();

    const read = await scrape(registry);
    expect(read.value('tasker_tasks_total', { outcome: 'completed' })).toBe(5);
    expect(read.value('tasker_task_run_seconds_count')).toBe(5);
    expect(read.value('tasker_task_run_seconds_sum')).toBe(0.3123);
    expect(read.value('tasker_resources_created_total')).toBe(3);
    expect(read.value('tasker_workers', { state: 'idle' }), 'those of the one that is there').toBe(1);
  });

  it('may be one of several, with prefixes and labels of their own', async () => {
    const { manager, settle } = await start({ name: 'images' });
    const registries = [new Registry(), new Registry()] as const;
    registerManager(registries[0], manager, { prefix: 'app_', labels: { zone: 'a' } });
    registerManager(registries[1], manager);
    watch(manager.queueTask(() => 1));
    await settle();
    const [first, second] = [await scrape(registries[0]), await scrape(registries[1])];
    expect(first.value('app_tasks_total', { outcome: 'completed', zone: 'a' })).toBe(1);
    expect(second.value('tasker_tasks_total', { outcome: 'completed' })).toBe(1);
  });

  it('survives being cleared and reset: a manager can be registered again, and no counter goes back', async () => {
    const { manager, settle } = await start();
    const registry = new Registry();
    registerManager(registry, manager);
    watch(manager.queueTask(() => 1));
    await settle();
    registry.resetMetrics();
    expect((await scrape(registry)).value('tasker_tasks_total', { outcome: 'completed' })).toBe(1);
    registry.clear();
    registerManager(registry, manager);
    expect((await scrape(registry)).value('tasker_tasks_total', { outcome: 'completed' })).toBe(1);
  });

  it('may speak OpenMetrics, where counters have their suffix once', async () => {
    const { manager, settle } = await start();
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const remove = registerManager(registry, manager);
    watch(manager.queueTask(() => 1));
    await settle();
    for (let i = 0; i < 2; i++) {
      const text = await registry.metrics();
      expect(text).toContain('# TYPE tasker_tasks counter\ntasker_tasks_total{');
      expect(text).not.toContain('_total_total');
    }
    registerManager(registry, manager)();
    remove();
    expect(registry.getMetricsAsArray()).toEqual([]);
    registerManager(registry, manager);
    expect(registry.getMetricsAsArray()).toHaveLength(NAMES.length);
  });

  it('of a cluster adds up what its processes show', async () => {
    const { manager, settle } = await start();
    const registry = new Registry();
    registerManager(registry, manager);
    watch(manager.queueTask(() => 1));
    await settle();
    const json = JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as object[];
    const merged = AggregatorRegistry.aggregate([json, structuredClone(json)]);
    const read = await scrape(merged);
    expect(read.value('tasker_tasks_total', { outcome: 'completed' })).toBe(2);
    expect(read.value('tasker_task_run_seconds_count')).toBe(2);
  });

  it('may have labels of its own', async () => {
    const { manager } = await start();
    const registry = new Registry();
    registry.setDefaultLabels({ app: 'shop' });
    registerManager(registry, manager);
    expect((await scrape(registry)).value('tasker_leases', { app: 'shop' })).toBe(0);
  });

  it('with other metrics of these names is left alone', async () => {
    const { manager } = await start();
    const registry = new Registry();
    const other = new Counter({ name: 'tasker_leases', help: 'x', registers: [registry] });
    expect(() => registerManager(registry, manager)).toThrow(
      'the registry has a metric tasker_leases already: use a prefix',
    );
    expect(registry.getMetricsAsArray()).toEqual([other]);
  });
});

it('refuses what is no registry, no prefix and no label', async () => {
  const { manager } = await start();
  const registry = new Registry();
  const wrong = (options: object): void => void registerManager(registry, manager, options);
  expect(() => registerManager({} as never, manager)).toThrow(
    'registry must be a Registry of prom-client, got [Object]',
  );
  expect(() => registerManager(registry, undefined as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_CONFIG', message: 'manager must be a task manager, got undefined' }),
  );
  expect(() => wrong(null as never)).toThrow('options must be an object, got null');
  expect(() => wrong({ prefix: 'my-app' })).toThrow(
    'prefix must be a name of letters, digits, _ and :, or empty, got "my-app"',
  );
  expect(() => wrong({ labels: { manager: 'x' } })).toThrow('labels.manager cannot be a label: it is one of ours');
  expect(() => wrong({ labels: { 'a-b': 'x' } })).toThrow('labels.a-b cannot be a label: it is no name for one');
  expect(() => wrong({ labels: { zone: 1 } })).toThrow('labels.zone must be a string, got 1');
  expect(registry.getMetricsAsArray()).toEqual([]);
});
