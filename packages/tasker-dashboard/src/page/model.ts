import type {
  HelloMessage,
  History,
  ManagerView,
  NewsMessage,
  Note,
  Past,
  Sample,
  StateMessage,
} from '../basics/messages.ts';
import type { Connection } from './stream.ts';

/** Most notes of one kind that the page keeps. */
const MOST_NOTES = 200;

/** What the page knows of one manager. */
export interface ManagerModel {
  readonly name: string;
  readonly view: ManagerView;
  readonly history: History;
  /** The newest first. */
  readonly notes: readonly Note[];
}

/** What the page knows; whoever shows it is told of each change. */
export class Model {
  connection: Connection = { state: 'connecting' };
  isReadOnly = true;
  token = '';
  historyLength = 900_000;
  /** The date of the server at the last state. */
  at = 0;
  #views: ReadonlyMap<string, ManagerView> = new Map();
  readonly #pasts = new Map<string, { history: History; notes: readonly Note[] }>();
  readonly #version: string;
  readonly #changed: () => void;

  constructor(version: string, changed: () => void) {
    this.#version = version;
    this.#changed = changed;
  }

  get names(): string[] {
    return [...this.#views.keys()];
  }

  manager(name: string): ManagerModel | undefined {
    const view = this.#views.get(name);
    const past = this.#pasts.get(name);
    return view === undefined || past === undefined ? undefined : { name, view, ...past };
  }

  connected(connection: Connection): void {
    this.connection = connection;
    this.#changed();
  }

  apply(event: string, data: unknown): void {
    if (event === 'hello') this.#hello(data as HelloMessage);
    else if (event === 'news') this.#news(data as NewsMessage);
    else if (event === 'state') this.#state(data as StateMessage);
  }

  #hello({ version, token, isReadOnly, historyLength, managers }: HelloMessage): void {
    if (version !== this.#version) location.reload();
    Object.assign(this, { token, isReadOnly, historyLength });
    this.#pasts.clear();
    for (const [name, { history, notes }] of Object.entries(managers)) {
      this.#pasts.set(name, { history, notes: notes.toReversed() });
    }
  }

  #news({ managers }: NewsMessage): void {
    for (const [name, news] of Object.entries(managers)) {
      const past = this.#pasts.get(name);
      if (past !== undefined) this.#pasts.set(name, merge(past, news, this.historyLength));
    }
  }

  #state({ at, managers }: StateMessage): void {
    this.at = at;
    this.#views = new Map(Object.entries(managers));
    this.#changed();
  }
}

function merge(past: Past, news: Past, length: number): Past {
  const last = past.history.at.at(-1) ?? 0;
  const newest = past.notes[0]?.number ?? 0;
  const notes = news.notes.filter(({ number }) => number > newest).toReversed();
  return { history: appended(past.history, news.history, last, length), notes: bounded([...notes, ...past.notes]) };
}

function appended(before: History, news: History, last: number, length: number): History {
  const from = news.at.findIndex((at) => at > last);
  if (from < 0) return before;
  const oldest = (news.at.at(-1) ?? 0) - length;
  const cut = Math.max(
    0,
    before.at.findIndex((at) => at > oldest),
  );
  const columns = Object.keys(before) as (keyof Sample)[];
  return Object.fromEntries(
    columns.map((name) => [name, [...before[name].slice(cut), ...news[name].slice(from)]]),
  ) as unknown as History;
}

/** The newest of each kind. */
function bounded(notes: readonly Note[]): readonly Note[] {
  const counts = new Map<string, number>();
  return notes.filter(({ kind }) => {
    const seen = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, seen);
    return seen <= MOST_NOTES;
  });
}
