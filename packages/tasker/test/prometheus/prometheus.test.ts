import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import type { TaskManager } from 'tasker';
import type { FakeResource } from 'tasker/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';
import { registerManager } from '../../src/prometheus/index.ts';
import { until } from '../faults/until.ts';
import { SICK, makeSick, sickIfSo } from '../support/failures.ts';
import { harness, watch } from '../support/harness.ts';
import type { Harness } from '../support/harness.ts';
import { PrometheusServer } from './prometheus-server.ts';
import type { Alert } from './prometheus-server.ts';
import { Scrape } from './scrape.ts';
import { alerts, dashboard, filledIn, queries } from './telemetry-files.ts';

type Manager = TaskManager<FakeResource>;

/** The rules as they are, and without the minutes that they wait before they fire. */
const RULES = { 'alerts.yml': alerts, 'at-once.yml': alerts.replaceAll(/^ +for: .*\n/gm, '') };

/** All alerts that there are. */
const ALERTS = [...alerts.matchAll(/alert: (\w+)/g)].map(([, name = '']) => name).toSorted();

async function serve(registry: Registry): Promise<string> {
  const server = createServer((_request, response) => {
    void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * A Prometheus that has scraped three managers: `images`, where all goes wrong that alerts are about, but that nothing ends; `stuck`, where
 * nothing ends; `mail`, which is well. Their time is virtual: tasks wait for long, the test does not.
 */
async function scraped() {
  const bench = harness({ failCreate: (n) => n > 6 && n % 4 === 0 });
  const { manage } = bench;
  const images = await manage({
    name: 'images',
    workerCount: 3,
    resourcePoolSize: 1,
    scaling: 'off',
    maxQueueSize: 8,
    checkHealth: sickIfSo,
    abandonAfter: Infinity,
  });
  const stuck = await manage({ name: 'stuck' });
  const mail = await manage({ name: 'mail' });
  const registry = new Registry();
  for (const manager of [images, stuck, mail]) registerManager(registry, manager);
  const prometheus = await PrometheusServer.start(await serve(registry), RULES);
  const isScraped = (): Promise<void> =>
    until(async () => {
      const shown = new Scrape(await registry.metrics()).sum('tasker_tasks_total');
      const [total] = await prometheus.query('sum(tasker_tasks_total)');
      return total?.value === shown;
    }, 'a scrape of what there is now');

  await getStuck(bench, images, stuck);
  await isScraped(); // a rate needs two values of each
  for (let wave = 0; wave < 2; wave++) {
    await getIntoTrouble(bench, images);
    for (let i = 0; i < 3; i++) watch(mail.queueTask(() => i, { name: 'letter' }));
    await bench.settle();
    await isScraped();
  }
  return { prometheus, images };
}

/** A function runs on although it was cancelled, a lease is held, and another manager is paused while tasks wait. */
async function getStuck({ settle }: Harness, images: Manager, stuck: Manager): Promise<void> {
  const { promise, resolve } = deferred<void>();
  const lease = images.lease();
  const hangs = images.submit(() => promise);
  watch(hangs.result);
  await settle();
  hangs.cancel();
  onTestFinished(async () => {
    resolve();
    await (await lease).release();
  });
  stuck.pause();
  watch(stuck.queueTask(() => 1));
  onTestFinished(() => stuck.resume());
}

/** Tasks wait for a minute, fail, are refused; resources are sick, and some of those that replace them cannot be made. */
async function getIntoTrouble({ clock }: Harness, images: Manager): Promise<void> {
  const submit = (name: string, task: (attempt: number) => unknown): void =>
    void watch(images.queueTask((_resource, { attempt }) => task(attempt), { name }));
  images.pause();
  for (let i = 0; i < 4; i++) submit('thumb', () => i);
  for (let i = 0; i < 3; i++) submit('broken', () => Promise.reject(new Error('no')));
  submit('flaky', (attempt) => (attempt === 1 ? Promise.reject(SICK) : attempt));
  for (let i = 0; i < 2; i++) submit('refused', () => i);
  await clock.advance(60_000);
  images.resume();
  await clock.advance(1_000);
  for (let i = 0; i < 8; i++) {
    makeSick(images);
    watch(images.runTask(() => i, { name: 'direct' }));
    await clock.advance(10_000);
  }
}

describe('a Prometheus that scrapes', () => {
  it('has what the managers show, and something to draw for each panel of the dashboard', async () => {
    const { prometheus, images } = await scraped();
    const one = async (query: string): Promise<number | undefined> => (await prometheus.query(query))[0]?.value;
    const outcome = (name: string) => one(`tasker_tasks_total{manager="images", outcome="${name}"}`);
    const { totalTasksCompleted, totalTasksFailed, totalTasksRetried, totalCreateFailures } = images.metrics();
    expect([await outcome('completed'), await outcome('failed')]).toEqual([totalTasksCompleted, totalTasksFailed]);
    expect([await outcome('cancelled'), await outcome('dropped')]).toEqual([1, 4]);
    expect(await one('tasker_task_retries_total{manager="images"}')).toBe(totalTasksRetried);
    expect(await one('tasker_create_failures_total{manager="images"}')).toBe(totalCreateFailures);
    expect(await one('tasker_workers{manager="images", state="quarantined"}')).toBe(1);
    expect(await one('tasker_queue_tasks{manager="stuck", queue="main"}')).toBe(1);
    expect(await one('tasker_task_wait_seconds_sum{manager="images", task="thumb"}')).toBeCloseTo(8 * 60);

    const variables = new Map(dashboard.templating.list.map(({ name, query }) => [name, query]));
    expect([...variables.keys()]).toEqual(['datasource', 'manager']);
    const [, series = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(variables.get('manager') ?? '') ?? [];
    expect(await prometheus.labelValues(label, series)).toEqual(['images', 'mail', 'stuck']);
    for (const manager of ['.*', '(images|mail)']) {
      for (const [title, query] of queries) {
        const values = await prometheus.query(filledIn(query, manager));
        expect(values.length, `${title}: ${query}`).toBeGreaterThan(0);
        expect(
          values.some(({ value }) => Number.isFinite(value)),
          `${title}: ${query}`,
        ).toBe(true);
      }
    }
  });

  it('alerts of what goes wrong, where it does', async () => {
    const { prometheus } = await scraped();
    const names = async (file: string, state: Alert['state']): Promise<string[]> => {
      const found = (await prometheus.alerts(file)).filter((alert) => alert.state === state);
      return found.map(({ labels }) => `${labels['manager']}: ${labels['alertname']}`).toSorted();
    };
    const all = ALERTS.map((name) => `${name === 'TaskerNothingEnds' ? 'stuck' : 'images'}: ${name}`).toSorted();
    const ofRules = async (file: string): Promise<string[]> =>
      (await Promise.all([names(file, 'firing'), names(file, 'pending')])).flat().toSorted();
    await expect.poll(() => names('at-once.yml', 'firing'), { timeout: 30_000 }).toEqual(all);
    await expect.poll(() => ofRules('alerts.yml'), { timeout: 30_000 }).toEqual(all);
    expect(await names('alerts.yml', 'firing')).toEqual(['images: TaskerResourcesDie']); // the others wait for minutes
    const said = (await prometheus.alerts('at-once.yml')).map(({ annotations }) => annotations['summary']);
    expect(said).toContain('Tasks of stuck wait, and none has ended for 10 minutes.');
    expect(said).toContainEqual(expect.stringMatching(/^One of 20 tasks of images waits for longer than \d/));
    expect(said.filter((summary) => summary?.includes('{{') || summary?.includes('<no value>'))).toEqual([]);
  });
});
