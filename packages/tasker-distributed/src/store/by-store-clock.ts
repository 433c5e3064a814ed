import type { IQueueBackend } from 'bullmq';
import type { Store } from './store.ts';
import type { StoreClock } from './store-clock.ts';

/** Numbers above are instants: no duration is as long as 30 years. */
const INSTANT = 1e12;
/** Commands whose instants are right: the engine says when a task was added, and schedules go by the clock on the wall. */
const LEFT_ALONE = /^add|scheduler/i;

type Command = (...args: unknown[]) => Promise<unknown>;
/** What the backends of BullMQ have, on Redis and on PostgreSQL: all their commands go through one method. */
type Commands = Record<'run' | 'execCommand' | 'waitForJob', Command | undefined>;

/**
 * BullMQ tells the store what time it is, by the clock of whichever machine asks: on PostgreSQL one that is ahead by more than a lock takes what
 * others run, and on all stores it deletes results before their time. So instants are translated on their way to the store, and those that
 * come back.
 */
export function byStoreClock(factory: Store['factory'], clock: StoreClock): Store['factory'] {
  return (name, options, more): IQueueBackend => {
    const backend = factory(name, options, more);
    const commands = backend as unknown as Commands;
    wrap(commands, 'run', ([command, params]) => [command, toStore(command, params, clock.shift)]);
    wrap(commands, 'execCommand', ([client, command, args]) => [client, command, toStore(command, args, clock.shift)]);
    wrap(commands, 'waitForJob', (args) => args);
    return backend;
  };

  function wrap(commands: Commands, method: keyof Commands, translate: (args: unknown[]) => unknown[]): void {
    const original = commands[method];
    if (original === undefined) return;
    const value: Command = (...args) => {
      if (clock.shift === 0 || args.some((arg) => LEFT_ALONE.test(String(arg)))) return original.apply(commands, args);
      return original.apply(commands, translate(args)).then((result) => fromStore(result, clock.shift));
    };
    Object.defineProperty(commands, method, { value });
  }
}

function toStore(command: unknown, params: unknown, shift: number): unknown {
  if (shift === 0 || !Array.isArray(params) || LEFT_ALONE.test(String(command))) return params;
  return params.map((param: unknown) => (typeof param === 'number' && param > INSTANT ? param + shift : param));
}

/** When the next delayed task is due: the last of four in the answers of Redis, `next_delay` of PostgreSQL, the score of a marker. */
function fromStore(result: unknown, shift: number): unknown {
  if (shift === 0 || typeof result !== 'object' || result === null) return result;
  const back = (instant: unknown): unknown => (Number(instant) > INSTANT ? Number(instant) - shift : instant);
  if (Array.isArray(result) && result.length === 4) return [...result.slice(0, 3), back(result[3])];
  if ('score' in result) return { ...result, score: back(result.score) };
  if (!('rows' in result)) return result;
  const rows = result.rows as Record<string, unknown>[];
  return {
    ...result,
    rows: rows.map((row) => ('next_delay' in row ? { ...row, next_delay: back(row['next_delay']) } : row)),
  };
}
