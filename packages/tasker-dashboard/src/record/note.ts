import type { TaskerEvents } from 'tasker';
import type { Note, NoteKind } from '../basics/messages.ts';
import { cutText } from '../basics/plain-value.ts';
import { shownError } from '../basics/shown-error.ts';
import { shownTask } from '../basics/shown-state.ts';

/** Something that happened, as it was heard: at that date, and that time of the manager's clock. */
export type Heard = { [K in NoteKind]: HeardOf<K> }[NoteKind];

interface HeardOf<K extends NoteKind> {
  readonly kind: K;
  readonly payload: TaskerEvents[K];
  readonly at: number;
  readonly now: number;
}

type Fields<K extends NoteKind> = Omit<Extract<Note, { readonly kind: K }>, 'number' | 'at' | 'kind'>;

/** What a note of each kind says. */
const DESCRIBE: { readonly [K in NoteKind]: (payload: TaskerEvents[K], now: number) => Fields<K> } = {
  completed: ({ task, finishedAt }) => ({ task: shownTask(task), finishedAt }),
  failed: ({ task, finishedAt, error }) => ({ task: shownTask(task), finishedAt, error: shownError(error) }),
  cancelled: ({ task, finishedAt, reason }) => ({ task: shownTask(task), finishedAt, error: shownError(reason) }),
  dropped: ({ task, error }) => ({ task: shownTask(task), error: shownError(error) }),
  retried: ({ task, error, delay }, now) => {
    return { task: shownTask(task), error: shownError(error), delay, heardAt: now };
  },
  stuck: ({ task, stack, waitsFor, isDeadlock }) => ({
    task: shownTask(task),
    ...(stack !== undefined && { stack: cutText(stack, 4_000) }),
    ...(waitsFor !== undefined && { waitsFor: cutText(waitsFor, 500) }),
    isDeadlock,
  }),
  abandoned: ({ task }) => ({ task: shownTask(task) }),
  scaled: ({ from, to, reason, message }) => ({ from, to, reason, message }),
  createFailed: ({ kind, error }) => ({ worker: kind, error: shownError(error) }),
  resourceDestroyed: ({ kind, reason, cause }) => {
    return { worker: kind, reason, ...(cause !== undefined && { error: shownError(cause) }) };
  },
  paused: () => ({}),
  resumed: () => ({}),
  stopped: ({ report: { completed, failed, dropped, abandoned, durationMs } }) => {
    return { report: { completed, failed, dropped: dropped.length, abandoned: abandoned.length, durationMs } };
  },
};

export function noteOf(number: number, { kind, payload, at, now }: Heard): Note {
  const describe = DESCRIBE[kind] as (payload: unknown, now: number) => object;
  return { number, at, kind, ...describe(payload, now) } as Note;
}
