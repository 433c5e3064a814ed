import type { JSX } from 'preact';
import { count, counted, duration, percent, rate } from './format.ts';
import type { ManagerModel } from './model.ts';

/** The numbers that matter most. */
export function Tiles({ manager }: { readonly manager: ManagerModel }): JSX.Element {
  const { history, view } = manager;
  const { stats, metrics, limits } = view;
  const waiting = stats.queuedTasks + stats.priorityTasks;
  const places = stats.activeWorkers * limits.tasksPerWorker;
  const tiles: readonly Tile[] = [
    { name: 'Running', value: count(stats.runningTasks), hint: `on ${counted(places, 'place')}` },
    {
      name: 'Waiting',
      value: count(waiting),
      hint: waitHint(manager.view),
    },
    {
      name: 'Completed',
      value: rate(metrics.taskCompletionRate),
      hint: `${count(metrics.totalTasksCompleted)} in all`,
    },
    {
      name: 'Failed',
      value: percent(metrics.failureRate),
      hint: `${count(metrics.totalTasksFailed)} in all`,
      isBad: metrics.failureRate >= 0.05,
    },
    {
      name: 'Wait',
      value: duration(recent(history.waitP95)),
      hint: `p95 · p50 ${duration(recent(history.waitP50))}`,
    },
    {
      name: 'Run',
      value: duration(recent(history.runP95)),
      hint: `p95 · p50 ${duration(recent(history.runP50))}`,
    },
  ];
  return (
    <dl class="tiles">
      {tiles.map(({ name, value, hint, isBad }) => (
        <div key={name} class="card">
          <dt>{name}</dt>
          <dd>
            <span class={isBad === true ? 'value bad' : 'value'}>{value}</span>
            <span class="muted">{hint}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** What there is to say of those that wait: why none is started comes first. */
function waitHint({ stats, snapshot }: ManagerModel['view']): string {
  if (stats.throttledTasks > 0 || snapshot.opensIn !== undefined) return 'held back by a rate';
  return stats.priorityTasks > 0 ? `${count(stats.priorityTasks)} with priority` : 'in the queue';
}

/** Of the last tasks that completed. */
const recent = (values: readonly (number | null)[]): number | null =>
  values.findLast((value) => value !== null) ?? null;

interface Tile {
  readonly name: string;
  readonly value: string;
  readonly hint: string;
  readonly isBad?: boolean;
}
