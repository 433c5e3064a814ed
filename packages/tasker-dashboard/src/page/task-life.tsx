import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ShownTask } from '../basics/messages.ts';
import { CancelButton } from './actions.tsx';
import { Dialog } from './dialog.tsx';
import { clockTime, duration } from './format.ts';
import { lifeOf } from './life.ts';
import type { Moment, Stretch, TaskNote } from './life.ts';
import type { ManagerModel } from './model.ts';
import { ErrorDetails } from './shown-error.tsx';
import { titleOf } from './task-link.tsx';
import { useTools } from './tools.ts';
import { Meta } from './troubles.tsx';

interface TaskLifeProps {
  readonly manager: ManagerModel;
  readonly task: ShownTask;
  /** The date of the server. */
  readonly at: number;
  readonly onClose: () => void;
}

/** Everything the page knows of one task, as a time line. */
export function TaskLife({ manager, task: given, at, onClose }: TaskLifeProps): JSX.Element {
  const { api } = useTools();
  const [asked, setAsked] = useState<ShownTask | 'gone'>();
  const { view, name } = manager;
  const { task, state, isOpen, events } = lifeOf(manager, at, given, asked);
  useEffect(() => {
    if (!isOpen) return;
    api.find(name, given.id).then(
      ({ tasks }) => setAsked(tasks.find(({ id }) => id === given.id) ?? 'gone'),
      () => {}, // the page says that the connection is lost
    );
  }, [name, given.id, isOpen, view.now]);
  const stretches = events.filter((event) => 'to' in event);
  const total = Math.max(1e-3, (stretches.at(-1)?.to ?? 0) - task.queuedAt);
  const date = (instant: number): string => clockTime(at - (view.now - instant));
  return (
    <Dialog title={<bdi>{titleOf(task)}</bdi>} onClose={onClose} isWide>
      <dl class="facts">
        <Fact name="Task" value={`#${task.id} of ${name}`} />
        <Fact name="State" value={state} />
        <Fact name="Attempt" value={String(task.attempt)} />
        <Fact name="Priority" value={String(task.priority)} />
        {task.key !== undefined && <Fact name="Key" value={task.key} />}
        {task.worker !== undefined && <Fact name="Worker" value={`${task.worker.id} (${task.worker.kind})`} />}
      </dl>
      <div
        class="life"
        role="img"
        aria-label={stretches.map(({ kind, from, to }) => `${WORDS[kind]} for ${duration(to - from)}`).join(', ')}
      >
        {stretches.map(({ kind, from, to }) => (
          <span
            key={`${from} ${kind}`}
            class={kind}
            style={{ flexGrow: String(Math.max((to - from) / total, 0.01)) }}
          />
        ))}
      </div>
      <ol class="line-of-life">
        <li>
          <time>{date(task.queuedAt)}</time> submitted
        </li>
        {events.map((event) => (
          <Event key={keyOf(event)} event={event} date={date(event.from)} />
        ))}
        {state === 'ended' && <li>It has ended. So many do that not each is heard of.</li>}
      </ol>
      <Meta value={task.meta} />
      <div class="buttons">
        {isOpen && <CancelButton manager={name} id={task.id} title={titleOf(task)} />}
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

const WORDS: Record<Stretch['kind'], string> = {
  wait: 'waited',
  run: 'has run',
  failed: 'ran',
  ok: 'ran',
};

const SENTENCES: Record<TaskNote['kind'], string> = {
  completed: 'completed',
  failed: 'failed for good',
  cancelled: 'was cancelled',
  dropped: 'was dropped',
  retried: 'failed, and runs again',
  stuck: 'was found stuck',
  abandoned: 'ignored its abort, and was abandoned',
};

/** A line of the time line. */
function Event({ event, date }: { readonly event: Stretch | Moment; readonly date: string }): JSX.Element {
  if ('to' in event) {
    return (
      <li class={event.kind}>
        <time>{date}</time> {WORDS[event.kind]} for {duration(event.to - event.from)}
      </li>
    );
  }
  const { note } = event;
  return (
    <li class={`note-${note.kind}`}>
      <time>{date}</time> {SENTENCES[note.kind]}
      {note.kind === 'retried' && ` in ${duration(note.delay)}`}
      {'error' in note && <ErrorDetails error={note.error} />}
      {note.kind === 'stuck' && note.waitsFor !== undefined && <p>{note.waitsFor}</p>}
    </li>
  );
}

const keyOf = (event: Stretch | Moment): string =>
  'to' in event ? `${event.from} ${event.kind}` : String(event.note.number);

const Fact = ({ name, value }: { readonly name: string; readonly value: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>
      <bdi>{value}</bdi>
    </dd>
  </div>
);
