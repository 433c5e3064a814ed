import type { Attributes, Meter } from '@opentelemetry/api';
import type { TaskInfo, TaskManager } from '../index.ts';
import { DURATION_BUCKETS } from '../primitives/duration-buckets.ts';
import { observeSizes } from './sizes.ts';

/** Measures tasks, workers and resources of a manager. */
export function measure<R>(meter: Meter, manager: TaskManager<R>, attributes: Attributes): void {
  measureTasks(meter, manager, attributes);
  measureResources(meter, manager, attributes);
  observeSizes(meter, manager, attributes);
}

function measureTasks<R>(meter: Meter, manager: TaskManager<R>, attributes: Attributes): void {
  const duration = (name: string, description: string) =>
    meter.createHistogram(name, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries: [...DURATION_BUCKETS] },
    });
  const waits = duration(
    'tasker.task.wait.duration',
    'Time from the submission of a task to the start of its last run.',
  );
  const runs = duration('tasker.task.run.duration', 'Time of the last run of a task.');
  const tasks = meter.createCounter('tasker.tasks', { description: 'Tasks that have ended.', unit: '{task}' });
  const retries = meter.createCounter('tasker.task.retries', { description: 'Runs again.', unit: '{retry}' });

  const count = (outcome: string): (() => void) => {
    const own = { ...attributes, 'tasker.outcome': outcome };
    return () => tasks.add(1, own);
  };
  const [completed, failed] = [count('completed'), count('failed')];
  const time = ({ queuedAt, startedAt }: TaskInfo, finishedAt: number): void => {
    waits.record(((startedAt ?? finishedAt) - queuedAt) / 1_000, attributes);
    if (startedAt !== undefined) runs.record((finishedAt - startedAt) / 1_000, attributes);
  };
  manager.on('completed', ({ task, finishedAt }) => {
    completed();
    time(task, finishedAt);
  });
  manager.on('failed', ({ task, finishedAt }) => {
    failed();
    time(task, finishedAt);
  });
  manager.on('cancelled', count('cancelled'));
  manager.on('dropped', count('dropped'));
  manager.on('retried', () => retries.add(1, attributes));
}

function measureResources<R>(meter: Meter, manager: TaskManager<R>, attributes: Attributes): void {
  const unit = '{resource}';
  const created = meter.createCounter('tasker.resources.created', { description: 'Resources that came up.', unit });
  const destroyed = meter.createCounter('tasker.resources.destroyed', {
    description: 'Resources that are gone.',
    unit,
  });
  let counted = 0;
  const countCreated = (): void => {
    const { totalResourcesCreated } = manager.metrics(); // the first of them nobody could hear
    if (totalResourcesCreated > counted) created.add(totalResourcesCreated - counted, attributes);
    counted = totalResourcesCreated;
  };
  countCreated();
  manager.on('resourceCreated', countCreated);
  manager.on('resourceDestroyed', ({ reason }) => destroyed.add(1, { ...attributes, 'tasker.reason': reason }));
}
