import type { IQueueBackend } from 'bullmq';
import type { Store } from './store.ts';
import type { StoreClock } from './store-clock.ts';

/** Numbers above are instants: no duration is as long as 30 years. */
const INSTANT = 1e12;
/** Commands whose instants are right: the engine says when a task was added, and schedules go by the clock on the wall. */
const LEFT_ALONE = /^add|scheduler/i;

type Command = (...args: unknown[]) => Promise<unknown>;

/** All commands of BullMQ's backends go through `run` on PostgreSQL, `execCommand` on Redis; how long a worker sleeps comes from the third. */
const METHODS = ['run', 'execCommand', 'waitForJob'] as const;

/**
 * BullMQ tells the store what time it is, by the clock of whichever machine asks: on PostgreSQL one that is ahead by more than a lock takes what
 * others run, and on all stores it deletes results before their time. So instants are translated on their way to the store, and those that
 * come back.
 */
export function byStoreClock(factory: Store['factory'], clock: StoreClock): Store['factory'] {
  return (name, options, more): IQueueBackend => {
    const backend = factory(name, options, more);
    const commands = backend as unknown as Partial<Record<string, Command>>;
    for (const method of METHODS) {
      const original = commands[method];
      if (original !== undefined) Object.defineProperty(backend, method, { value: translated(original, clock) });
    }
    return backend;
  };
}

function translated(original: Command, clock: StoreClock): Command {
  return function (this: unknown, ...args) {
    const { shift } = clock;
    const command = args.find((arg) => typeof arg === 'string') ?? '';
    if (shift === 0 || LEFT_ALONE.test(command)) return original.apply(this, args);
    const result = original.apply(
      this,
      args.map((arg) => toStore(arg, shift)),
    );
    return result.then((answer) => fromStore(answer, shift));
  };
}

/** Of the arguments it is the list of parameters that has instants. */
function toStore(arg: unknown, shift: number): unknown {
  if (!Array.isArray(arg)) return arg;
  return arg.map((param: unknown) => (typeof param === 'number' && param > INSTANT ? param + shift : param));
}

/** When the next delayed task is due: the last of four in the answers of Redis, `next_delay` of PostgreSQL, the score of a marker. */
function fromStore(answer: unknown, shift: number): unknown {
  if (typeof answer !== 'object' || answer === null) return answer;
  const back = (instant: unknown): unknown => (Number(instant) > INSTANT ? Number(instant) - shift : instant);
  if (Array.isArray(answer) && answer.length === 4) return [...answer.slice(0, 3), back(answer[3])];
  if ('score' in answer) return { ...answer, score: back(answer.score) };
  if (!('rows' in answer)) return answer;
  const rows = answer.rows as Record<string, unknown>[];
  return {
    ...answer,
    rows: rows.map((row) => ('next_delay' in row ? { ...row, next_delay: back(row['next_delay']) } : row)),
  };
}
