import type { Attributes, Meter, ObservableGauge } from '@opentelemetry/api';
import type { TaskManager } from '../index.ts';
import { tasksByQueue, workersByState } from '../primitives/gauges.ts';
import { textOf } from './attributes.ts';

type Observe = Parameters<Meter['addBatchObservableCallback']>[0];

/** By their attributes as text. */
const observed = new WeakMap<Meter, Map<string, Sizes>>();

/** Shows how many workers and waiting tasks a manager has, as long as somebody else holds the manager. */
export function observeSizes<R>(meter: Meter, manager: TaskManager<R>, attributes: Attributes): void {
  let byText = observed.get(meter);
  if (byText === undefined) observed.set(meter, (byText = new Map()));
  const text = textOf(attributes);
  let sizes = byText.get(text);
  if (sizes === undefined) byText.set(text, (sizes = new Sizes(meter, attributes, () => byText.delete(text))));
  sizes.add(manager);
}

/** Those of all managers of the same attributes: of two values of the same attributes the SDK would keep the last. */
class Sizes {
  readonly #attributes: Attributes;
  readonly #managers = new Set<WeakRef<TaskManager<never>>>(); // a meter lives as long as the process
  readonly #workers: ObservableGauge;
  readonly #queues: ObservableGauge;
  readonly #end: () => void;

  constructor(meter: Meter, attributes: Attributes, onEnd: () => void) {
    this.#attributes = attributes;
    this.#workers = meter.createObservableGauge('tasker.workers', {
      description: 'Workers of the queues, by what they do.',
      unit: '{worker}',
    });
    this.#queues = meter.createObservableGauge('tasker.queue.size', {
      description: 'Tasks that wait. Those that are retrying are in one of the queues, too.',
      unit: '{task}',
    });
    const observables = [this.#workers, this.#queues];
    meter.addBatchObservableCallback(this.#observe, observables);
    this.#end = () => {
      meter.removeBatchObservableCallback(this.#observe, observables);
      onEnd();
    };
  }

  add<R>(manager: TaskManager<R>): void {
    this.#managers.add(new WeakRef(manager as unknown as TaskManager<never>));
  }

  readonly #observe: Observe = (result) => {
    const workers = { idle: 0, busy: 0, starting: 0, quarantined: 0 };
    const queues = { main: 0, priority: 0, retrying: 0 };
    for (const ref of this.#managers) {
      const stats = ref.deref()?.stats();
      if (stats === undefined) this.#managers.delete(ref);
      else {
        addTo(workers, workersByState(stats));
        addTo(queues, tasksByQueue(stats));
      }
    }
    // Without any manager it tells of none once more, since the SDK goes on telling what it was told last.
    for (const [state, count] of Object.entries(workers)) {
      result.observe(this.#workers, count, { ...this.#attributes, 'tasker.worker.state': state });
    }
    for (const [queue, count] of Object.entries(queues)) {
      result.observe(this.#queues, count, { ...this.#attributes, 'tasker.queue': queue });
    }
    if (this.#managers.size === 0) this.#end();
  };
}

function addTo<K extends string>(sums: Record<K, number>, counts: Readonly<Record<K, number>>): void {
  for (const key of Object.keys(sums) as K[]) sums[key] += counts[key];
}
