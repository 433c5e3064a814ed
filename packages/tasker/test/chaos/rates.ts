import type { Cost, RateLimit, TaskInfo } from 'tasker';
import type { TaskTrack } from './books.ts';
import { text } from './world.ts';
import type { World } from './world.ts';

/** What floating point may lose, in ms. */
const ROUNDING = 1e-6;

/** Starts under one set of limits. Naive: keeps all of them. */
class Meter {
  readonly #limits: readonly RateLimit[];
  /** Those that are known. */
  readonly #starts: { readonly at: number; readonly cost: Cost }[] = [];
  /** When nothing is owed for what has started, or may have: for each limit. */
  readonly #owed: number[];

  constructor(limits: readonly RateLimit[]) {
    this.#limits = limits;
    this.#owed = limits.map(() => -Infinity);
  }

  /** Something starts; returns by which limit it is too early, undefined if by none. */
  started(cost: Cost, at: number): RateLimit | undefined {
    this.maybeStarted(cost, at);
    this.#starts.push({ at, cost });
    return this.#limits.find((one) => {
      const { limit, interval, burst = 1 } = one;
      const last = amount(cost, one);
      if (last === 0) return false;
      const most = Math.max(burst, last);
      let sum = 0;
      return this.#starts.toReversed().some((start) => {
        sum += amount(start.cost, one);
        return sum > (most + ((at - start.at) * limit) / interval) * (1 + 1e-9) + (ROUNDING * limit) / interval;
      });
    });
  }

  maybeStarted(cost: Cost, at: number): void {
    for (const [i, one] of this.#limits.entries()) {
      this.#owed[i] = Math.max(this.#owed[i] ?? at, at) + (amount(cost, one) * one.interval) / one.limit;
    }
  }

  /** When something of that cost may start for sure. */
  opensAt(cost: Cost): number {
    const opens = this.#limits.map((one, i) => {
      const { limit, interval, burst = 1 } = one;
      const taken = amount(cost, one);
      return taken === 0 ? -Infinity : (this.#owed[i] ?? 0) - (Math.max(0, burst - taken) * interval) / limit;
    });
    return Math.max(-Infinity, ...opens) + ROUNDING;
  }

  /** Whether it is more than may start at once. */
  isBeyondBurst(cost: Cost): boolean {
    return this.#limits.some((one) => amount(cost, one) > (one.burst ?? 1));
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
const cost = ({ options }: TaskTrack): Cost => options.cost ?? 1;

/** How much of a limit that is. */
const amount = (of: Cost, { unit }: RateLimit): number =>
  typeof of === 'number' ? of : ((unit === undefined ? undefined : of[unit]) ?? 1);

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
      if (meter.isBeyondBurst(cost(task))) world.meet(`a start cost more than the burst: ${kind}`);
      const broken = meter.started(cost(task), now);
      world.expect(broken === undefined, () => {
        return `${task.label} (cost ${text(cost(task))}) was started too early for ${kind} ${text(broken)}`;
      });
      if (typeof cost(task) === 'object') world.meet('a start cost so much of each unit');
      if (meter.opensAt(cost(task)) > now) world.meet(`a start used up: ${kind}`);
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
