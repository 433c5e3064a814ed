import type { Note, ShownTask } from '../basics/messages.ts';
import type { ManagerModel } from './model.ts';

/** What the page knows of one task. Instants are those of the manager's clock. */
export interface Life {
  readonly task: ShownTask;
  /** `ended` if it has, and nobody has heard how. */
  readonly state: ShownTask['state'] | 'dropped' | 'ended';
  readonly isOpen: boolean;
  /** In order. */
  readonly events: readonly (Stretch | Moment)[];
}

/** A stretch of a life. */
export interface Stretch {
  readonly kind: 'wait' | 'run' | 'failed' | 'ok';
  readonly from: number;
  readonly to: number;
}

/** Something that was noted. */
export interface Moment {
  readonly note: TaskNote;
  readonly from: number;
}

export type TaskNote = Extract<Note, { readonly task: ShownTask }>;

/** Each task has one of these, if it was heard. */
export const ENDS: ReadonlySet<Note['kind']> = new Set(['completed', 'failed', 'cancelled', 'dropped']);

/** `given` is what is known already, `asked` what the server says: undefined if it was not asked, `gone` if there is no such task. */
export function lifeOf(
  manager: ManagerModel,
  at: number,
  given: ShownTask,
  asked: ShownTask | 'gone' | undefined,
): Life {
  const { view, notes } = manager;
  const moments = notes
    .filter((note): note is TaskNote => 'task' in note && note.task.id === given.id)
    .map((note): Moment => ({ note, from: instantOf(note, view.now - at) }))
    .toReversed();
  const end = moments.findLast(({ note }) => ENDS.has(note.kind));
  const open = openTask(manager, given.id) ?? (asked === 'gone' ? undefined : asked);
  const known = moments.at(-1)?.note.task ?? given;
  const task = end?.note.task ?? open ?? known;
  const isLost = end === undefined && open === undefined && (asked === 'gone' || ENDS.has(given.state as Note['kind']));
  const stretches = stretchesOf(task, moments, end, isLost, view.now);
  return {
    task,
    state: isLost ? 'ended' : end?.note.kind === 'dropped' ? 'dropped' : (end?.note.task.state ?? task.state),
    isOpen: end === undefined && !isLost,
    events: [...stretches, ...moments].toSorted((a, b) => a.from - b.from),
  };
}

/** A task that the last state has shown. */
function openTask({ view }: ManagerModel, id: string): ShownTask | undefined {
  const { workers, pool, retrying } = view.snapshot;
  const runs = [...workers, ...pool].flatMap(({ tasks }) => tasks);
  return (
    runs.find(({ task, isQuarantined }) => task.id === id && !isQuarantined)?.task ??
    retrying.find((task) => task.id === id)
  );
}

/** `offset` leads from the date to the manager's clock. */
function instantOf(note: TaskNote, offset: number): number {
  if ('finishedAt' in note) return note.finishedAt;
  return 'heardAt' in note ? note.heardAt : note.at + offset;
}

/** Waits and runs in turn. Earlier runs are known by the notes of their ends. */
function stretchesOf(
  { queuedAt, startedAt }: ShownTask,
  moments: readonly Moment[],
  end: Moment | undefined,
  isLost: boolean,
  now: number,
): Stretch[] {
  const stretches: Stretch[] = [];
  let since = queuedAt;
  const add = (kind: Stretch['kind'], to: number): void => {
    if (to > since) stretches.push({ kind, from: since, to });
    since = Math.max(since, to);
  };
  for (const { note, from } of moments) {
    if (note.kind !== 'retried' || note.task.startedAt === undefined) continue;
    add('wait', note.task.startedAt);
    add('failed', from);
  }
  const isStarted = startedAt !== undefined && startedAt >= since;
  if (isStarted) add('wait', startedAt);
  if (!isLost) add(isStarted ? lastOf(end) : 'wait', end?.from ?? now);
  return stretches;
}

function lastOf(end: Moment | undefined): Stretch['kind'] {
  if (end === undefined) return 'run';
  return end.note.kind === 'completed' ? 'ok' : 'failed';
}
