import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ShownTask } from '../basics/messages.ts';
import { CancelButton } from './actions.tsx';
import type { ManagerModel } from './model.ts';
import { TaskLink, titleOf } from './task-link.tsx';
import { useTools } from './tools.ts';

const MOST = 50;

/** Tasks by name or id: what waits and runs, asked of the server, and what the page has heard of. */
export function SearchResults({
  manager,
  text,
}: {
  readonly manager: ManagerModel;
  readonly text: string;
}): JSX.Element {
  const { api } = useTools();
  const [found, setFound] = useState<{
    readonly text: string;
    readonly tasks: readonly ShownTask[];
    readonly error: string;
  }>();
  const { name } = manager;
  useEffect(() => {
    let isOld = false;
    const timer = setTimeout(() => {
      api.find(name, text).then(
        ({ tasks }) => !isOld && setFound({ text, tasks, error: '' }),
        (error: Error) => !isOld && setFound({ text, tasks: [], error: error.message }),
      );
    }, 200);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [name, text, manager.view.now]); // what waits now runs a second later
  const open = found?.tasks ?? [];
  const ids = new Set(open.map(({ id }) => id));
  const ended = endedTasks(manager, text).filter(({ task }) => !ids.has(task.id));
  const rows = [...open.map((task) => ({ task, state: task.state as string })), ...ended].slice(0, MOST);
  return (
    <section class="card" aria-labelledby="found">
      <div class="head">
        <h2 id="found">Tasks like “{text}”</h2>
        <span class="muted" role="status">
          {found === undefined
            ? 'searching…'
            : `${rows.length}${rows.length === MOST ? ' or more' : ''} found in ${name}`}
        </span>
      </div>
      {found !== undefined && found.error !== '' && <p class="alert">{found.error}</p>}
      {found?.error === '' && rows.length === 0 && (
        <p class="empty">None waits or runs, and none of those that ended lately is called that.</p>
      )}
      <ul class="rows">
        {rows.map(({ task, state }) => (
          <li key={task.id}>
            <TaskLink manager={name} task={task} />
            <span class={`badge ${state}`}>{state}</span>
            {task.key !== undefined && (
              <span class="muted">
                key <bdi>{task.key}</bdi>
              </span>
            )}
            <span class="end" />
            {ids.has(task.id) && <CancelButton manager={name} id={task.id} title={titleOf(task)} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Tasks of which the page has heard the end. */
function endedTasks({ notes }: ManagerModel, text: string): { task: ShownTask; state: string }[] {
  const wanted = text.toLowerCase();
  return notes.flatMap((note) => {
    if (note.kind !== 'completed' && note.kind !== 'failed' && note.kind !== 'cancelled' && note.kind !== 'dropped')
      return [];
    const { task } = note;
    const isWanted = task.id === text || (task.name ?? '').toLowerCase().includes(wanted);
    return isWanted ? [{ task, state: note.kind }] : [];
  });
}
