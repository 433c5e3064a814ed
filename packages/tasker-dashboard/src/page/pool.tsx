import type { JSX } from 'preact';
import { CancelButton } from './actions.tsx';
import { count, counted, duration } from './format.ts';
import type { ManagerModel } from './model.ts';
import { TaskLink, titleOf } from './task-link.tsx';

/** The resources of `runTask`, and leases. */
export function Pool({ manager }: { readonly manager: ManagerModel }): JSX.Element {
  const { snapshot, stats, metrics } = manager.view;
  const { pool, leases, more } = snapshot;
  return (
    <section class="card" aria-labelledby="pool">
      <div class="head">
        <h2 id="pool">Pool and leases</h2>
        <span class="muted">
          {count(stats.availableResources)} free · {count(stats.temporaryResources)} temporary ·{' '}
          {counted(stats.leases, 'lease')}
        </span>
      </div>
      {pool.length === 0 && leases.length === 0 && (
        <p class="empty">No resource is kept aside for runTask, and none is lent.</p>
      )}
      <ul class="rows">
        {pool.map(({ id, kind, state, tasks, uses, age }) => (
          <li key={id}>
            <span>
              <i
                class={`swatch ${tasks.length > 0 ? 'busy' : state === 'live' ? 'idle' : state === 'starting' ? 'starting' : 'retiring'}`}
                aria-hidden="true"
              />
              {kind} {id} <span class="muted">{tasks.length > 0 ? 'in use' : state === 'live' ? 'free' : state}</span>
            </span>
            {tasks.map(({ task, runningFor }) => (
              <span key={task.id}>
                <TaskLink manager={manager.name} task={task} /> <span class="muted">{duration(runningFor)}</span>
              </span>
            ))}
            <span class="muted end">
              {duration(age)} old · {counted(uses, 'use')}
            </span>
          </li>
        ))}
        {leases.map(({ task, runningFor }) => (
          <li key={`lease ${task.id}`}>
            <span>
              <i class="swatch busy" aria-hidden="true" />
              lease <bdi>{titleOf(task)}</bdi>
            </span>
            <span class="muted end">held for {duration(runningFor)}</span>
            <CancelButton manager={manager.name} id={task.id} title={titleOf(task)} />
          </li>
        ))}
      </ul>
      {more.pool > 0 && <p class="muted">… and {count(more.pool)} more</p>}
      <dl class="facts">
        <div>
          <dt>Resources made</dt>
          <dd>{count(metrics.totalResourcesCreated)}</dd>
        </div>
        <div>
          <dt>Destroyed</dt>
          <dd>{count(metrics.totalResourcesDestroyed)}</dd>
        </div>
        <div>
          <dt>Failed to be made</dt>
          <dd class={metrics.totalCreateFailures > 0 ? 'bad' : ''}>{count(metrics.totalCreateFailures)}</dd>
        </div>
      </dl>
    </section>
  );
}
