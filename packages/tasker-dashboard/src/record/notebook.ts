import type { Note, NoteKind } from '../basics/messages.ts';
import { noteOf } from './note.ts';
import type { Heard } from './note.ts';

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

/** What was heard, until somebody wants to read it: the stack of an error is costly. What is described lets go of what was heard. */
interface Entry {
  readonly number: number;
  content: Heard | Note;
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
    const entry: Entry = { number: ++this.#written, content: heard };
    if (heard.kind === 'stopped') describe(entry); // its report may have a million tasks in it
    entries.push(entry);
    if (entries.length > KEPT[heard.kind]) entries.shift();
    this.#entries.set(heard.kind, entries);
  }

  /** The notes after that number, in order. */
  since(number: number): Note[] {
    return [...this.#entries.values()]
      .flatMap((entries) => entries.filter((entry) => entry.number > number))
      .toSorted((a, b) => a.number - b.number)
      .map(describe);
  }
}

function describe(entry: Entry): Note {
  const { number, content } = entry;
  const note = 'payload' in content ? noteOf(number, content) : content;
  entry.content = note;
  return note;
}
