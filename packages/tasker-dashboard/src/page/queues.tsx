import type { JSX } from 'preact';
import type { RateLimit } from 'tasker';
import { count, counted, duration } from './format.ts';
import type { ManagerModel } from './model.ts';
import { Table } from './table.tsx';
import type { Column } from './table.tsx';
import { TaskLink } from './task-link.tsx';

const MOST_RETRIES = 6;
const MOST_PRIORITIES = 12;

/** What waits, by priority and key, and what holds it back. */
export function Queues({ manager }: { readonly manager: ManagerModel }): JSX.Element {
  const { snapshot, stats } = manager.view;
  const { queues, keys, retrying, more } = snapshot;
  const hasClosed = keys.some(({ opensIn }) => opensIn !== undefined);
  const most = Math.max(1, ...queues.map(({ waiting }) => waiting));
  return (
    <section class="card" aria-labelledby="queues">
      <div class="head">
        <h2 id="queues">Waiting</h2>
        <span class="muted">{counted(stats.queuedTasks + stats.priorityTasks, 'task')}</span>
      </div>
      {queues.length === 0 && <p class="empty">Nothing waits for a worker.</p>}
      {queues.length > 0 && (
        <Table
          label="Waiting by priority"
          rows={queues.slice(0, MOST_PRIORITIES)}
          keyOf={({ priority }) => priority}
          columns={[
            { name: 'Priority', cell: ({ priority }) => priority },
            { name: 'Waiting', class: 'bar-column', cell: ({ waiting }) => <Bar value={waiting} most={most} /> },
            { name: 'Oldest', class: 'number', cell: ({ oldestWait }) => duration(oldestWait) },
          ]}
        />
      )}
      {keys.length > 0 && (
        <Table
          label="Tasks by key"
          class="tall"
          rows={keys}
          keyOf={({ key }) => key}
          columns={[
            { name: 'Key', class: 'text', cell: ({ key }) => <bdi>{key}</bdi> },
            { name: 'Waiting', class: 'number', cell: ({ waiting }) => count(waiting) },
            { name: 'Running', class: 'number', cell: ({ running }) => count(running) },
            ...(hasClosed ? [OPENS_IN] : []),
          ]}
        />
      )}
      {more.keys > 0 && <p class="muted">… and {counted(more.keys, 'more key')}</p>}
      {retrying.length > 0 && (
        <ul class="rows">
          {retrying.slice(0, MOST_RETRIES).map((task) => (
            <li key={task.id}>
              <TaskLink manager={manager.name} task={task} />
              <span class="muted end">runs again, {counted(task.attempt, 'attempt')} so far</span>
            </li>
          ))}
        </ul>
      )}
      <Limits manager={manager} />
    </section>
  );
}

const OPENS_IN: Column<ManagerModel['view']['snapshot']['keys'][number]> = {
  name: 'Opens in',
  class: 'number',
  cell: ({ opensIn }) => (opensIn === undefined ? '' : duration(opensIn)),
};

/** A number, and how much of the largest one it is. */
function Bar({ value, most }: { readonly value: number; readonly most: number }): JSX.Element {
  return (
    <>
      <span class="bar" style={{ width: `${(value / most) * 60}%` }} aria-hidden="true" />
      {count(value)}
    </>
  );
}

const rateText = ({ limit, interval, unit, burst }: RateLimit): string =>
  `${count(limit)}${unit === undefined ? '' : ` ${unit}`} per ${duration(interval)}${burst === undefined || burst === 1 ? '' : `, ${count(burst)} at once`}`;

/** Rates and limits in force. */
function Limits({ manager }: { readonly manager: ManagerModel }): JSX.Element {
  const { limits, snapshot, stats, metrics } = manager.view;
  const facts: (readonly [string, string])[] = [
    ...limits.rate.map((rate) => ['Rate', rateText(rate)] as const),
    ...limits.keyRate.map((rate) => ['Rate of a key', rateText(rate)] as const),
  ];
  if (snapshot.opensIn !== undefined) facts.push(['Next start', `in ${duration(snapshot.opensIn)}`]);
  if (stats.throttledTasks > 0) facts.push(['Held back by a rate', count(stats.throttledTasks)]);
  if (stats.retryingTasks > 0) facts.push(['To be run again', count(stats.retryingTasks)]);
  // What is infinite comes as null.
  if (isNumber(metrics.concurrencyLimit))
    facts.push(['More would not pay above', counted(metrics.concurrencyLimit, 'task')]);
  if (isNumber(limits.keyConcurrency)) facts.push(['At once of a key', count(limits.keyConcurrency)]);
  if (isNumber(limits.maxQueueSize)) facts.push(['Room for', counted(limits.maxQueueSize, 'waiting task')]);
  if (limits.tasksPerWorker > 1) facts.push(['Tasks for each worker', count(limits.tasksPerWorker)]);
  if (facts.length === 0) return <p class="muted">No rate and no limit holds tasks back.</p>;
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name + value}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
