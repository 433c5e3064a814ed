import type { RateLimit, TaskInfo } from 'tasker';
import type { TaskTrack } from './books.ts';
import type { World } from './world.ts';

/** What floating point may lose, in ms. */
const ROUNDING = 1e-6;

/** Starts under one set of limits. Naive: keeps all of them. */
class Meter {
  readonly #limits: readonly RateLimit[];
  /** Those that are known. */
  readonly #starts: { readonly at: number; readonly cost: number }[] = [];
  /** When nothing is owed for what has started, or may have: for each limit. */
  readonly #owed: number[];

  constructor(limits: readonly RateLimit[]) {
    this.#limits = limits;
    this.#owed = limits.map(() => -Infinity);
  }

  /** Something starts; returns by which limit it is too early, undefined if by none. */
  started(cost: number, at: number): RateLimit | undefined {
    this.maybeStarted(cost, at);
    if (cost === 0) return undefined;
    this.#starts.push({ at, cost });
    return this.#limits.find(({ limit, interval, burst = 1 }) => {
      const most = Math.max(burst, cost);
      let sum = 0;
      return this.#starts.toReversed().some((start) => {
        sum += start.cost;
        return sum > (most + ((at - start.at) * limit) / interval) * (1 + 1e-9) + (ROUNDING * limit) / interval;
      });
    });
  }

  maybeStarted(cost: number, at: number): void {
    for (const [i, { limit, interval }] of this.#limits.entries()) {
      this.#owed[i] = Math.max(this.#owed[i] ?? at, at) + (cost * interval) / limit;
    }
  }

  /** When something of that cost may start for sure. */
  opensAt(cost: number): number {
    if (cost === 0 || this.#limits.length === 0) return -Infinity;
    const opens = this.#limits.map(({ limit, interval, burst = 1 }, i) => {
      return (this.#owed[i] ?? 0) - (Math.max(0, burst - cost) * interval) / limit;
    });
    return Math.max(...opens) + ROUNDING;
  }

  get bursts(): number {
    return Math.min(...this.#limits.map(({ burst = 1 }) => burst));
  }
}

/** Since when something is held back, and until when: for sure, and at most. */
interface Pause {
  readonly since: number;
  readonly until: number;
  readonly atMost: number;
}

const listOf = (rate: RateLimit | readonly RateLimit[] | undefined): readonly RateLimit[] =>
  rate === undefined ? [] : 'limit' in rate ? [rate] : rate;

const key = ({ kind, options }: TaskTrack): string | undefined => (kind === 'direct' ? undefined : options.key);
const cost = ({ options }: TaskTrack): number => (options.cost ?? 1) as number; // no life has units

/** Knows from the outside what rates and pauses after overloads let start. */
export class RateBooks {
  /** Whether fewer tasks than there are places may run at once, since an overload did not say for how long. */
  isRestricted = false;
  readonly #world: World;
  #all: Meter | undefined = undefined;
  /** By key. */
  readonly #meters = new Map<string, Meter>();
  /** By key; undefined stands for all. */
  readonly #pauses = new Map<string | undefined, Pause[]>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A task begins, or a lease is heard of. */
  started(task: TaskTrack): void {
    const world = this.#world;
    const { now } = world;
    const of = key(task);
    const meters = [this.#ofAll, ...(of === undefined ? [] : [this.#of(of)])];
    for (const [i, meter] of meters.entries()) {
      const kind = i === 0 ? 'rate' : 'keyRate';
      if (cost(task) > meter.bursts) world.meet(`a start cost more than the burst: ${kind}`);
      const broken = meter.started(cost(task), now);
      world.expect(broken === undefined, () => {
        return `${task.label} (cost ${cost(task)}) was started too early for ${kind} ${JSON.stringify(broken)}`;
      });
      if (meter.opensAt(cost(task)) > now && meter.bursts < Infinity) world.meet(`a start used up: ${kind}`);
    }
    for (const who of [undefined, of]) {
      for (const { since, until } of this.#pauses.get(who) ?? []) {
        if (task.kind === 'lease' && since === now) continue; // it is heard of some microtasks after its start
        world.expect(now >= until - ROUNDING, () => `${task.label} was started in a pause of ${who ?? 'all'}`);
      }
    }
  }

  /** It has perhaps begun, unseen. */
  maybeStarted(task: TaskTrack): void {
    const { now } = this.#world;
    const of = key(task);
    this.#ofAll.maybeStarted(cost(task), now);
    if (of !== undefined) this.#of(of).maybeStarted(cost(task), now);
  }

  /** An overload is told of. `after` is undefined where it does not say when. */
  overloaded(task: TaskInfo, overload: true | 'key', after: number | undefined): void {
    const { now } = this.#world;
    const who = overload === 'key' ? task.key : undefined;
    if (after !== undefined && after > 0) this.#pause(who, { since: now, until: now + after, atMost: now + after });
    else if (who === undefined) this.isRestricted = true;
    else this.#pause(who, { since: now, until: now, atMost: now + 5_000 }); // the longest backoff
  }

  #pause(who: string | undefined, pause: Pause): void {
    const pauses = this.#pauses.get(who) ?? [];
    this.#pauses.set(who, [...pauses.filter(({ atMost }) => atMost > pause.since), pause]);
  }

  /** From when on a task may start for sure, as far as all are concerned. */
  opensForAll(task: TaskTrack): number {
    return Math.max(this.#pausedUntil(undefined), this.#ofAll.opensAt(cost(task)));
  }

  /** The same as far as those of its key are. */
  opensForKey(task: TaskTrack): number {
    const of = key(task);
    return of === undefined ? -Infinity : Math.max(this.#pausedUntil(of), this.#of(of).opensAt(cost(task)));
  }

  #pausedUntil(who: string | undefined): number {
    return Math.max(-Infinity, ...(this.#pauses.get(who) ?? []).map(({ atMost }) => atMost + ROUNDING));
  }

  get #ofAll(): Meter {
    this.#all ??= new Meter(listOf(this.#world.config?.rate));
    return this.#all;
  }

  #of(name: string): Meter {
    let meter = this.#meters.get(name);
    if (meter === undefined) {
      meter = new Meter(listOf(this.#world.config?.keyRate));
      this.#meters.set(name, meter);
    }
    return meter;
  }
}
