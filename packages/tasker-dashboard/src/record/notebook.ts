import { shownError } from '../basics/shown-error.ts';
import { shownTask } from '../basics/shown-state.ts';
import { cutText } from '../basics/plain-value.ts';
import type { Note, NoteKind } from '../basics/messages.ts';
import type { TaskerEvents } from 'tasker';

/** How many of a kind are remembered: one that is frequent pushes out no other. */
const KEPT: Record<NoteKind, number> = {
  completed: 100,
  failed: 100,
  cancelled: 50,
  dropped: 50,
  retried: 100,
  stuck: 50,
  abandoned: 50,
  scaled: 200,
  createFailed: 50,
  resourceDestroyed: 50,
  paused: 20,
  resumed: 20,
  stopped: 1,
};

/** Something that happened, as it was heard. */
export type Heard = {
  [K in NoteKind]: { readonly kind: K; readonly payload: TaskerEvents[K]; readonly at: number; readonly now: number };
}[NoteKind];

/** What is heard is described when somebody wants to read it: the stack of an error is costly. */
interface Entry {
  readonly number: number;
  readonly heard: Heard;
  note: Note | undefined;
}

/** Remembers what happened to a manager, in bounded memory. */
export class Notebook {
  readonly #entries = new Map<NoteKind, Entry[]>();
  #written = 0;

  /** The number of the last note. */
  get last(): number {
    return this.#written;
  }

  write(heard: Heard): void {
    const entries = this.#entries.get(heard.kind) ?? [];
    entries.push({ number: ++this.#written, heard, note: undefined });
    if (entries.length > KEPT[heard.kind]) entries.shift();
    this.#entries.set(heard.kind, entries);
  }

  /** The notes after that number, in order. */
  since(number: number): Note[] {
    return [...this.#entries.values()]
      .flatMap((entries) => entries.filter((entry) => entry.number > number))
      .toSorted((a, b) => a.number - b.number)
      .map((entry) => (entry.note ??= noteOf(entry)));
  }
}

function noteOf({ number, heard }: Entry): Note {
  const base = { number, at: heard.at };
  switch (heard.kind) {
    case 'completed': {
      const { task, finishedAt } = heard.payload;
      return { ...base, kind: heard.kind, task: shownTask(task), finishedAt };
    }
    case 'failed': {
      const { task, finishedAt, error } = heard.payload;
      return { ...base, kind: heard.kind, task: shownTask(task), finishedAt, error: shownError(error) };
    }
    case 'cancelled': {
      const { task, finishedAt, reason } = heard.payload;
      return { ...base, kind: heard.kind, task: shownTask(task), finishedAt, error: shownError(reason) };
    }
    case 'dropped': {
      const { task, error } = heard.payload;
      return { ...base, kind: heard.kind, task: shownTask(task), error: shownError(error) };
    }
    case 'retried': {
      const { task, error, delay } = heard.payload;
      return { ...base, kind: heard.kind, task: shownTask(task), error: shownError(error), delay, heardAt: heard.now };
    }
    case 'stuck': {
      const { task, stack, waitsFor, isDeadlock } = heard.payload;
      return {
        ...base,
        kind: heard.kind,
        task: shownTask(task),
        ...(stack !== undefined && { stack: cutText(stack, 6_000) }),
        ...(waitsFor !== undefined && { waitsFor: cutText(waitsFor, 500) }),
        isDeadlock,
      };
    }
    case 'abandoned':
      return { ...base, kind: heard.kind, task: shownTask(heard.payload.task) };
    case 'scaled': {
      const { from, to, reason, message } = heard.payload;
      return { ...base, kind: heard.kind, from, to, reason, message };
    }
    case 'createFailed':
      return { ...base, kind: heard.kind, worker: heard.payload.kind, error: shownError(heard.payload.error) };
    case 'resourceDestroyed': {
      const { kind: worker, reason, cause } = heard.payload;
      const error = cause === undefined ? undefined : shownError(cause);
      return { ...base, kind: heard.kind, worker, reason, ...(error !== undefined && { error }) };
    }
    case 'stopped': {
      const { completed, failed, dropped, abandoned, durationMs } = heard.payload.report;
      const report = { completed, failed, dropped: dropped.length, abandoned: abandoned.length, durationMs };
      return { ...base, kind: heard.kind, report };
    }
    case 'paused':
    case 'resumed':
      return { ...base, kind: heard.kind };
  }
}
