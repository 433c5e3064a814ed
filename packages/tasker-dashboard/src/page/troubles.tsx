import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Note, ShownTask } from '../basics/messages.ts';
import { CancelButton } from './actions.tsx';
import { ago, count, counted, duration } from './format.ts';
import { ENDS } from './life.ts';
import type { ManagerModel } from './model.ts';
import { ErrorDetails } from './shown-error.tsx';
import { TaskLink, titleOf } from './task-link.tsx';

/** Rows that are shown before somebody asks for all. */
const FEW = 8;

interface TroublesProps {
  readonly manager: ManagerModel;
  readonly at: number;
}

/** What has failed, and what is stuck. */
export function Troubles({ manager, at }: TroublesProps): JSX.Element {
  const { name, notes, view } = manager;
  const [showsAll, setAll] = useState(false);
  const failed = notes.filter(
    (note) => note.kind === 'failed' || note.kind === 'createFailed' || note.kind === 'dropped',
  );
  const running = new Set(
    view.snapshot.workers.concat(view.snapshot.pool).flatMap(({ tasks }) => tasks.map(({ task }) => task.id)),
  );
  const areAllSent = view.snapshot.more.workers + view.snapshot.more.pool === 0;
  const ended = new Set(notes.flatMap((note) => (ENDS.has(note.kind) && 'task' in note ? [note.task?.id] : [])));
  const mayRun = ({ id }: ShownTask): boolean => running.has(id) || (!areAllSent && !ended.has(id));
  const stuck = notes.filter((note) => note.kind === 'stuck');
  const stuckNow = stuck.filter(({ task }) => running.has(task.id));
  return (
    <>
      <section class="card" aria-labelledby="failures">
        <div class="head">
          <h2 id="failures">Failures</h2>
          <span class="muted">
            {count(view.metrics.totalTasksFailed)} failed, {count(view.metrics.totalTasksRetried)} run again,{' '}
            {count(view.metrics.totalTasksCancelled)} cancelled or dropped
          </span>
        </div>
        {failed.length === 0 && <p class="empty">Nothing has failed lately.</p>}
        <ul class="notes">
          {failed.slice(0, showsAll ? Infinity : FEW).map((note) => (
            <li key={note.number}>
              <Failure manager={name} note={note} at={at} />
            </li>
          ))}
        </ul>
        {failed.length > FEW && (
          <button type="button" onClick={() => setAll(!showsAll)}>
            {showsAll ? `Show the last ${FEW}` : `Show all ${failed.length} that are remembered`}
          </button>
        )}
      </section>
      <section class="card" aria-labelledby="stuck">
        <div class="head">
          <h2 id="stuck">Stuck</h2>
          <span class="muted">{counted(stuckNow.length, 'task')} now</span>
        </div>
        {stuck.length === 0 && <p class="empty">No task has run for longer than stuckAfter, if that option is set.</p>}
        <ul class="notes">
          {stuck.slice(0, 25).map((note) => (
            <li key={note.number}>
              <Row
                summary={
                  <>
                    <TaskLink manager={name} task={note.task} />{' '}
                    <span class={note.isDeadlock ? 'bad' : 'muted'}>
                      {running.has(note.task.id)
                        ? `runs for ${duration(view.now - (note.task.startedAt ?? view.now))}`
                        : mayRun(note.task)
                          ? 'may run still: its worker is not shown'
                          : 'has ended since'}
                      {note.isDeadlock && ', a deadlock'}
                    </span>
                  </>
                }
                at={running.has(note.task.id) ? '' : ago(note.at, at)}
                action={
                  mayRun(note.task) && <CancelButton manager={name} id={note.task.id} title={titleOf(note.task)} />
                }
              >
                {note.waitsFor !== undefined && <p>{note.waitsFor}</p>}
                {note.stack !== undefined && (
                  <pre tabIndex={0} aria-label="Where it was submitted">
                    {note.stack}
                  </pre>
                )}
              </Row>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

type FailureNote = Extract<Note, { readonly kind: 'failed' | 'createFailed' | 'dropped' }>;

function Failure({
  manager,
  note,
  at,
}: {
  readonly manager: string;
  readonly note: FailureNote;
  readonly at: number;
}): JSX.Element {
  const { error } = note;
  const what =
    note.kind === 'createFailed' ? (
      <span>a {note.worker} resource could not be made</span>
    ) : (
      <>
        <TaskLink manager={manager} task={note.task} />
        {note.task.attempt > 1 && <span class="badge">{counted(note.task.attempt, 'attempt')}</span>}
        {note.kind === 'dropped' && <span class="badge">{error.code === 'QUEUE_FULL' ? 'refused' : 'dropped'}</span>}
      </>
    );
  return (
    <Row
      summary={
        <>
          {what} <span class="bad">{error.code ?? error.name}</span> <bdi class="message">{error.message}</bdi>
        </>
      }
      at={ago(note.at, at)}
    >
      <ErrorDetails error={error} />
      {note.kind !== 'createFailed' && <Meta value={note.task.meta} />}
    </Row>
  );
}

/** The `meta` of a task, as JSON. */
export function Meta({ value }: { readonly value: unknown }): JSX.Element | null {
  if (value === undefined) return null;
  return (
    <pre tabIndex={0} aria-label="meta">
      {`meta ${JSON.stringify(value, undefined, 2)}`}
    </pre>
  );
}

interface RowProps {
  readonly summary: ComponentChildren;
  readonly at: string;
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A line, with more below it for those who open it. */
function Row({ summary, at, action, children }: RowProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <div class="note">
        <div class="summary">{summary}</div>
        <span class="muted end">{at}</span>
        {action}
        <button type="button" class="small" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          Details
        </button>
      </div>
      <div id={id} hidden={!isOpen}>
        {isOpen && children}
      </div>
    </>
  );
}
