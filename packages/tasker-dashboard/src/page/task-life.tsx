import type { JSX } from 'preact';
import type { Note, ShownTask } from '../basics/messages.ts';
import { CancelButton } from './actions.tsx';
import { Dialog } from './dialog.tsx';
import { clockTime, duration } from './format.ts';
import type { ManagerModel } from './model.ts';
import { ErrorDetails } from './shown-error.tsx';
import { titleOf } from './task-link.tsx';
import { Meta } from './troubles.tsx';

interface TaskLifeProps {
  readonly manager: ManagerModel;
  readonly task: ShownTask;
  /** The date of the server. */
  readonly at: number;
  readonly onClose: () => void;
}

/** A stretch of a life, by the manager's clock. */
interface Stretch {
  readonly kind: 'wait' | 'run' | 'failed' | 'ok';
  readonly from: number;
  readonly to: number;
}

type TaskNote = Extract<Note, { readonly task: ShownTask }>;

/** Everything the page knows of one task, as a time line. */
export function TaskLife({ manager, task: given, at, onClose }: TaskLifeProps): JSX.Element {
  const { view, name } = manager;
  const notes = manager.notes
    .filter((note): note is TaskNote => 'task' in note && note.task.id === given.id)
    .toReversed();
  const running = runningOf(manager, given.id);
  const waiting = view.snapshot.retrying.find(({ id }) => id === given.id);
  const ended = notes.findLast(
    ({ kind }) => kind === 'completed' || kind === 'failed' || kind === 'cancelled' || kind === 'dropped',
  );
  const task = ended?.task ?? running ?? waiting ?? notes.at(-1)?.task ?? given;
  const isOpen = ended === undefined && (running !== undefined || waiting !== undefined || given.state === 'queued');
  const end = ended !== undefined && 'finishedAt' in ended ? ended.finishedAt : undefined;
  const stretches = stretchesOf(
    task,
    notes,
    end ?? view.now,
    end === undefined ? 'run' : ended?.kind === 'completed' ? 'ok' : 'failed',
  );
  const instantOf = (event: Stretch | TaskNote): number => {
    if ('from' in event) return event.from;
    if ('finishedAt' in event) return event.finishedAt;
    return 'heardAt' in event ? event.heardAt : view.now - (at - event.at);
  };
  const date = (instant: number): string => clockTime(at - (view.now - instant));
  const total = Math.max(1e-3, (stretches.at(-1)?.to ?? 0) - task.queuedAt);
  const state = ended?.kind ?? (running === undefined ? task.state : 'running');
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
        {[...stretches, ...notes]
          .toSorted((a, b) => instantOf(a) - instantOf(b))
          .map((event) => (
            <Event key={keyOf(event)} event={event} date={date(instantOf(event))} />
          ))}
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
function Event({ event, date }: { readonly event: Stretch | TaskNote; readonly date: string }): JSX.Element {
  if ('from' in event) {
    return (
      <li class={event.kind}>
        <time>{date}</time> {WORDS[event.kind]} for {duration(event.to - event.from)}
      </li>
    );
  }
  return (
    <li class={`note-${event.kind}`}>
      <time>{date}</time> {SENTENCES[event.kind]}
      {event.kind === 'retried' && ` in ${duration(event.delay)}`}
      {'error' in event && <ErrorDetails error={event.error} />}
      {event.kind === 'stuck' && event.waitsFor !== undefined && <p>{event.waitsFor}</p>}
    </li>
  );
}

const keyOf = (event: Stretch | TaskNote): string =>
  'from' in event ? `${event.from} ${event.kind}` : String(event.number);

const Fact = ({ name, value }: { readonly name: string; readonly value: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>
      <bdi>{value}</bdi>
    </dd>
  </div>
);

function runningOf({ view }: ManagerModel, id: string): ShownTask | undefined {
  const { workers, pool } = view.snapshot;
  const runs = [...workers, ...pool].flatMap(({ tasks }) => tasks);
  return runs.find(({ task, isQuarantined }) => task.id === id && !isQuarantined)?.task;
}

/** Waits and runs in turn. Earlier runs are known by the notes of their ends. */
function stretchesOf(task: ShownTask, notes: readonly TaskNote[], now: number, last: Stretch['kind']): Stretch[] {
  const stretches: Stretch[] = [];
  let since = task.queuedAt;
  const add = (kind: Stretch['kind'], from: number, to: number): void => {
    if (to > from) stretches.push({ kind, from, to });
    since = Math.max(since, to);
  };
  for (const note of notes) {
    if (note.kind !== 'retried' || note.task.startedAt === undefined) continue;
    add('wait', since, note.task.startedAt);
    add('failed', note.task.startedAt, note.heardAt);
  }
  const { startedAt } = task;
  if (startedAt !== undefined && startedAt >= since) {
    add('wait', since, startedAt);
    add(last, startedAt, now);
  } else {
    add('wait', since, now);
  }
  return stretches;
}
