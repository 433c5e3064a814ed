import type { JSX } from 'preact';
import type { RateLimit } from 'tasker';
import { count, counted, duration } from './format.ts';
import type { ManagerModel } from './model.ts';
import { TaskLink } from './task-link.tsx';

const MOST_RETRIES = 6;

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
        <div class="scroll" tabIndex={0} role="group" aria-label="Waiting by priority">
          <table>
            <thead>
              <tr>
                <th scope="col">Priority</th>
                <th scope="col" class="bar-column">
                  Waiting
                </th>
                <th scope="col" class="number">
                  Oldest
                </th>
              </tr>
            </thead>
            <tbody>
              {queues.slice(0, 12).map(({ priority, waiting, oldestWait }) => (
                <tr key={priority}>
                  <th scope="row">{priority}</th>
                  <td class="bar-column">
                    <span class="bar" style={{ width: `${(waiting / most) * 60}%` }} aria-hidden="true" />
                    {count(waiting)}
                  </td>
                  <td class="number">{duration(oldestWait)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {keys.length > 0 && (
        <div class="scroll tall" tabIndex={0} role="group" aria-label="Tasks by key">
          <table>
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col" class="number">
                  Waiting
                </th>
                <th scope="col" class="number">
                  Running
                </th>
                {hasClosed && (
                  <th scope="col" class="number">
                    Opens in
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {keys.map(({ key, waiting, running, opensIn }) => (
                <tr key={key}>
                  <th scope="row" class="text">
                    <bdi>{key}</bdi>
                  </th>
                  <td class="number">{count(waiting)}</td>
                  <td class="number">{count(running)}</td>
                  {hasClosed && <td class="number">{opensIn === undefined ? '' : duration(opensIn)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
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
