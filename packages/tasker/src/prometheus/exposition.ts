import type { Metric, Registry, RegistryContentType } from 'prom-client';
import { tasksByQueue, workersByState } from '../primitives/gauges.ts';
import { invalid } from '../primitives/option-rules.ts';
import type { Buckets } from './buckets.ts';
import { Group } from './group.ts';
import type { Read, Source } from './group.ts';
import { ScrapedMetric } from './scraped-metric.ts';
import type { Sample } from './scraped-metric.ts';
import type { Part } from './sums.ts';

/** A value by the values of one label. */
const split = (label: string, values: Readonly<Record<string, number>>): Part[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

const single = (value: number): Part[] => [{ labels: {}, value }];

/** The metrics of all managers that are registered in one registry with one prefix. */
export class Exposition {
  readonly #registry: Registry<RegistryContentType>;
  /** By the name in the registry. */
  readonly #metrics = new Map<string, ScrapedMetric>();
  readonly #counts: Read[] = [];
  /** By their labels as text. Like the series of a registry they are kept: a manager of the same labels goes on from what was counted. */
  readonly #groups = new Map<string, Group>();

  constructor(registry: Registry<RegistryContentType>, prefix: string) {
    this.#registry = registry;
    const add = (type: ScrapedMetric['type'], name: string, help: string, read: Read): void => {
      this.#metrics.set(prefix + name, new ScrapedMetric(prefix + name, help, type, () => this.#collect(read)));
      if (type !== 'gauge') this.#counts.push(read);
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

  /**
   * Shows a manager, with labels that are sorted by their names; throws `INVALID_CONFIG` if the registry has other metrics of these names.
   * Returns the function that shows it no more; without any manager the metrics leave the registry.
   */
  add(source: Source, labels: Readonly<Record<string, string>>): () => void {
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
    const group = this.#groupOf(labels);
    group.add(source);
    return () => {
      group.remove(source);
      if ([...this.#groups.values()].every(({ isEmpty }) => isEmpty)) this.#leave();
    };
  }

  #groupOf(labels: Readonly<Record<string, string>>): Group {
    const key = JSON.stringify(labels);
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = new Group(labels, this.#counts)));
    return group;
  }

  #leave(): void {
    for (const [name, metric] of this.#metrics) {
      const current: unknown = this.#registry.getSingleMetric(name);
      if (current === metric) this.#registry.removeSingleMetric(name);
    }
  }

  #collect(read: Read): Sample[] {
    return [...this.#groups.values()].flatMap((group) => [...group.samples(read)]);
  }
}

/** The samples of a histogram by task. */
function* histogram(name: string, times: readonly (readonly [task: string, Buckets])[]): Generator<Part> {
  for (const [task, buckets] of times) {
    if (buckets.count === 0) continue;
    for (const [le, value] of buckets.cumulative()) yield { labels: { task, le }, value, metricName: `${name}_bucket` };
    yield { labels: { task }, value: buckets.microseconds, per: 1e6, metricName: `${name}_sum` };
    yield { labels: { task }, value: buckets.count, metricName: `${name}_count` };
  }
}
