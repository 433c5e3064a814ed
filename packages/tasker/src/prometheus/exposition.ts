import type { Metric, Registry, RegistryContentType } from 'prom-client';
import type { TaskManager } from '../index.ts';
import { tasksByQueue, workersByState } from '../primitives/gauges.ts';
import { invalid } from '../primitives/option-rules.ts';
import type { Buckets } from './buckets.ts';
import { ScrapedMetric } from './scraped-metric.ts';
import type { Sample } from './scraped-metric.ts';
import type { Tally } from './tally.ts';

type Labels = Readonly<Record<string, string>>;

/** A manager, as it is shown. */
export interface Source {
  readonly manager: TaskManager<never>;
  readonly tally: Tally;
  /** Of all its samples, sorted by their names. */
  readonly labels: Labels;
}

/** Reads what a metric shows of one manager; the labels of the manager come on top. */
type Read = (source: Source) => Iterable<Sample>;

/** A value by the values of one label. */
const split = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

const single = (value: number): Sample[] => [{ labels: {}, value }];

/** The metrics of all managers that are registered in one registry with one prefix. */
export class Exposition {
  readonly #registry: Registry<RegistryContentType>;
  /** By the name in the registry. */
  readonly #metrics = new Map<string, ScrapedMetric>();
  readonly #sources = new Set<Source>();

  constructor(registry: Registry<RegistryContentType>, prefix: string) {
    this.#registry = registry;
    const add = (type: ScrapedMetric['type'], name: string, help: string, read: Read): void => {
      this.#metrics.set(prefix + name, new ScrapedMetric(prefix + name, help, type, () => this.#collect(read)));
    };
    const addTimes = (name: string, help: string, of: 'wait' | 'run'): void =>
      add('histogram', name, help, ({ tally }) =>
        histogram(
          prefix + name,
          [...tally.times].map(([task, times]) => [task, times[of]]),
        ),
      );

    add('counter', 'tasks_total', 'Tasks that have ended, by outcome.', ({ tally }) =>
      split('outcome', tally.outcomes),
    );
    add('counter', 'task_retries_total', 'Runs of tasks that were followed by another one.', ({ tally }) =>
      single(tally.retries),
    );
    addTimes('task_wait_seconds', 'Time from the submission of a task to the start of its last run.', 'wait');
    addTimes('task_run_seconds', 'Time of the last run of a task.', 'run');
    add('gauge', 'workers', 'Workers of the queues, by what they do.', ({ manager }) =>
      split('state', workersByState(manager.stats())),
    );
    add(
      'gauge',
      'queue_tasks',
      'Tasks that wait. Those that are retrying are in one of the queues, too.',
      ({ manager }) => split('queue', tasksByQueue(manager.stats())),
    );
    add('gauge', 'leases', 'Leases held.', ({ manager }) => single(manager.stats().leases));
    add('gauge', 'spare_resources', 'Free resources in the pool of runTask.', ({ manager }) =>
      single(manager.stats().availableResources),
    );
    add('counter', 'resources_created_total', 'Resources that came up.', ({ manager }) =>
      single(manager.metrics().totalResourcesCreated),
    );
    add('counter', 'resources_destroyed_total', 'Resources that are gone, by reason.', ({ tally }) =>
      split('reason', tally.destroyed),
    );
    add('counter', 'create_failures_total', 'Creations of a resource that failed or took too long.', ({ manager }) =>
      single(manager.metrics().totalCreateFailures),
    );
  }

  /** Shows a manager; throws `INVALID_CONFIG` if the registry has other metrics of these names. */
  add(source: Source): void {
    for (const [name, metric] of this.#metrics) {
      const other: unknown = this.#registry.getSingleMetric(name);
      if (other !== undefined && other !== metric)
        throw invalid(`the registry has a metric ${name} already: use a prefix`);
    }
    for (const [name, metric] of this.#metrics) {
      if (this.#registry.getSingleMetric(name) !== undefined) continue;
      metric.name = name;
      this.#registry.registerMetric(metric as unknown as Metric); // as far as a registry can see it is one
    }
    this.#sources.add(source);
  }

  /** Shows it no more. Without any manager the metrics leave the registry. */
  remove(source: Source): void {
    this.#sources.delete(source);
    if (this.#sources.size > 0) return;
    for (const [name, metric] of this.#metrics) {
      const current: unknown = this.#registry.getSingleMetric(name);
      if (current === metric) this.#registry.removeSingleMetric(name);
    }
  }

  /**
   * Samples of the same labels are one: a manager that is registered twice counts once, and one that has replaced another of its name
   * goes on from the counts of that.
   */
  #collect(read: Read): Sample[] {
    const samples = new Map<string, { -readonly [K in keyof Sample]: Sample[K] }>();
    const seen = new Set<string>();
    for (const source of this.#sources) {
      const own = JSON.stringify(source.labels);
      const identity = `${source.tally.id} ${own}`;
      if (seen.has(identity)) continue;
      seen.add(identity);
      for (const { labels, value, metricName } of read(source)) {
        const key = `${own} ${JSON.stringify(labels)} ${metricName ?? ''}`;
        const sample = samples.get(key);
        if (sample !== undefined) sample.value += value;
        else
          samples.set(key, {
            labels: { ...source.labels, ...labels },
            value,
            ...(metricName !== undefined && { metricName }),
          });
      }
    }
    return [...samples.values()];
  }
}

/** The samples of a histogram by task. */
function* histogram(name: string, times: readonly (readonly [task: string, Buckets])[]): Generator<Sample> {
  for (const [task, buckets] of times) {
    if (buckets.count === 0) continue;
    for (const [le, value] of buckets.cumulative()) yield { labels: { task, le }, value, metricName: `${name}_bucket` };
    yield { labels: { task }, value: buckets.sum, metricName: `${name}_sum` };
    yield { labels: { task }, value: buckets.count, metricName: `${name}_count` };
  }
}
