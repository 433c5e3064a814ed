import { systemClock } from '../primitives/clock.ts';
import type { Clock } from '../primitives/clock.ts';
import type { AbortSignal } from '../primitives/platform.ts';
import { FakeResource } from './fake-resource.ts';

/**
 * Options of {@link fakeResources}. `n` is the number of the creation, from 1, which becomes the `id` of its resource.
 */
export interface FakeResourcesOptions {
  /** The clock that times creations and destructions. Default: the system clock. */
  readonly clock?: Clock;
  /** Duration of a creation, in ms. Default 0. */
  readonly createDelay?: number | ((n: number) => number);
  /** Duration of a destruction, in ms. Default 0. */
  readonly destroyDelay?: number | ((n: number) => number);
  /**
   * Which creations fail, after their delay: with `true` an error is made up; any other value except `false` and
   * `undefined` is the error. Default: none.
   */
  readonly failCreate?: boolean | Error | ((n: number) => unknown);
  /** Which destructions fail, after their delay; values as for `failCreate`. Default: none. */
  readonly failDestroy?: boolean | Error | ((n: number) => unknown);
  /** Which creations never end. Default: none. */
  readonly hangCreate?: boolean | ((n: number) => boolean);
  /** Which destructions never end. Default: none. */
  readonly hangDestroy?: boolean | ((n: number) => boolean);
  /** Whether a creation rejects when its signal aborts, instead of going on. Default false. */
  readonly cooperative?: boolean;
  /** Maximum number of uses of one resource at a time. Default 1. */
  readonly places?: number;
}

/** Options of {@link fakeResources} for your own kind of resource. */
export interface FakeClientsOptions<R> extends FakeResourcesOptions {
  /**
   * Makes what tasks get, a new one for each fake; an error that it throws fails the creation. The methods of the
   * result should call `fake.use()` or `fake.work()`, so that uses are counted, misuse is noticed and `fake.die()`
   * takes effect.
   */
  readonly make: (fake: FakeResource) => R;
}

/** Ways to end a resource that do not wait for its users. */
const HASTY_REASONS: ReadonlySet<string> = new Set(['shutdown', 'abandoned']);

/**
 * Hooks for a manager under test, with a record of what they made. Only the hooks are own properties, so that the
 * object can be spread into a configuration.
 */
export interface FakeResources<R = FakeResource> {
  /** Makes a {@link FakeResource}, or what `make` returns for it. */
  readonly onCreate: (context?: { readonly signal?: AbortSignal }) => Promise<R>;
  /** Destroys a resource that {@link onCreate} has made. */
  readonly onDestroy: (resource: R, reason?: string) => Promise<void>;
  /** Number of creations begun. */
  readonly attempts: number;
  /** Number of creations that succeeded. */
  readonly created: number;
  /** Number of destructions begun. */
  readonly destroyed: number;
  /** Number of resources made and not yet begun to be destroyed. */
  readonly alive: number;
  /**
   * Highest number of resources at a time, including those being made and being destroyed. A creation with an aborted
   * signal does not count, nor does the resource that it brings later. A destruction that hangs counts forever.
   */
  readonly peak: number;
  /** The fakes of all resources made, in the order in which they were completed. */
  readonly all: readonly FakeResource[];
  /** The fake of a resource, even after its destruction. Throws an `Error` if the resource was not made here. */
  of(resource: R): FakeResource;
  /** Why each resource was destroyed, in order. */
  readonly reasons: readonly string[];
  /**
   * Descriptions of every misuse; a test asserts that there is none. In addition to those of {@link FakeResource}: a
   * destruction during a use, unless in a shutdown or as abandoned; a destruction of what was not made here.
   */
  readonly violations: readonly string[];
}

class Books<R> implements FakeResources<R> {
  readonly onCreate: FakeResources<R>['onCreate'] = (context) => this.#create(context?.signal);
  readonly onDestroy: FakeResources<R>['onDestroy'] = (resource, reason = 'unknown') => this.#destroy(resource, reason);
  readonly #make: (fake: FakeResource) => R;
  readonly #options: FakeResourcesOptions;
  readonly #clock: Clock;
  readonly #all: FakeResource[] = [];
  /** By what was made of them. */
  readonly #fakes = new Map<R, FakeResource>();
  /** Those made while their signal was not aborted: they count for the peak. */
  readonly #counted = new WeakSet<FakeResource>();
  readonly #reasons: string[] = [];
  readonly #violations: string[] = [];
  #attempts = 0;
  #destroyed = 0;
  #present = 0;
  #peak = 0;

  constructor(options: FakeResourcesOptions, make: (fake: FakeResource) => R) {
    this.#options = options;
    this.#make = make;
    this.#clock = options.clock ?? systemClock;
  }

  get attempts(): number {
    return this.#attempts;
  }

  get created(): number {
    return this.#all.length;
  }

  get destroyed(): number {
    return this.#destroyed;
  }

  get alive(): number {
    return this.#all.length - this.#destroyed;
  }

  get peak(): number {
    return this.#peak;
  }

  get all(): readonly FakeResource[] {
    return this.#all;
  }

  of(resource: R): FakeResource {
    const fake = this.#fakes.get(resource);
    if (fake === undefined) throw new Error('of() got something that onCreate has not made');
    return fake;
  }

  get reasons(): readonly string[] {
    return this.#reasons;
  }

  get violations(): readonly string[] {
    return this.#violations;
  }

  async #create(signal: AbortSignal | undefined): Promise<R> {
    const { createDelay = 0, failCreate, hangCreate, cooperative = false, places = 1 } = this.#options;
    const n = ++this.#attempts;
    let isCounted = signal?.aborted !== true;
    if (isCounted) this.#enter();
    const giveUp = (): void => {
      if (isCounted) this.#present--;
      isCounted = false;
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    const onViolation = (message: string): void => void this.#violations.push(message);
    const fake = new FakeResource({ id: n, places, clock: this.#clock, onViolation });
    let resource: R;
    try {
      const ms = isTrue(hangCreate, n) ? Infinity : of(createDelay, n);
      await this.#pass(ms, cooperative ? signal : undefined);
      fail(failCreate, n, 'creation');
      resource = this.#make(fake);
      if (this.#fakes.has(resource)) throw new Error('make() returned the same for two fakes');
    } catch (error) {
      giveUp();
      throw error;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
    this.#all.push(fake);
    this.#fakes.set(resource, fake);
    if (isCounted) this.#counted.add(fake);
    return resource;
  }

  async #destroy(resource: R, reason: string): Promise<void> {
    const { destroyDelay = 0, failDestroy, hangDestroy } = this.#options;
    const fake = this.#fakes.get(resource);
    if (fake === undefined) {
      this.#violations.push('something was destroyed that was not made here');
      throw new Error('onDestroy got something that onCreate has not made');
    }
    await fake.destroy(async () => {
      this.#destroyed++;
      this.#reasons.push(reason);
      if (fake.users > 0 && !HASTY_REASONS.has(reason)) {
        this.#violations.push(`resource ${fake.id} was destroyed (${reason}) while in use`);
      }
      try {
        await this.#pass(isTrue(hangDestroy, fake.id) ? Infinity : of(destroyDelay, fake.id), undefined);
        fail(failDestroy, fake.id, 'destruction');
      } finally {
        if (this.#counted.has(fake)) this.#present--;
      }
    });
  }

  #enter(): void {
    this.#present++;
    this.#peak = Math.max(this.#peak, this.#present);
  }

  /** Lets time pass; rejects when the signal aborts. */
  #pass(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) reject(signal.reason);
      if (ms <= 0) resolve();
      if (signal?.aborted || ms <= 0) return;
      const onAbort = (): void => {
        this.#clock.clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = this.#clock.setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/**
 * Makes hooks for a manager under test that count what they do, and delay, fail or hang on demand.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { createTaskManager } from 'tasker';
 * import { fakeResources, VirtualClock } from 'tasker/testing';
 *
 * const clock = new VirtualClock();
 * const fakes = fakeResources({ clock, createDelay: 100 });
 * const starting = createTaskManager({ ...fakes, workerCount: 2, resourcePoolSize: 0, clock });
 * await clock.advance(100); // the creations wait for it
 * const manager = await starting;
 * await manager.stop();
 * assert.equal(fakes.peak, 2);
 * assert.deepEqual(fakes.violations, []);
 * ```
 *
 * @example
 * With your own kind of client:
 * ```ts
 * import assert from 'node:assert';
 * import { createTaskManager } from 'tasker';
 * import { fakeResources } from 'tasker/testing';
 *
 * const fakes = fakeResources({ make: (fake) => ({ query: (sql: string) => fake.use(() => [sql]) }) });
 * const manager = await createTaskManager({ ...fakes, workerCount: 1, resourcePoolSize: 0 });
 * assert.deepEqual(await manager.queueTask((client) => client.query('select 1')), ['select 1']);
 * await manager.stop();
 * assert.equal(fakes.all[0]?.uses, 1);
 * ```
 */
export function fakeResources<R>(options: FakeClientsOptions<R>): FakeResources<R>;
export function fakeResources(options?: FakeResourcesOptions): FakeResources;
export function fakeResources<R>(
  options: FakeResourcesOptions & Partial<FakeClientsOptions<R>> = {},
): FakeResources<R> | FakeResources {
  const { make } = options;
  return make === undefined ? new Books(options, (fake) => fake) : new Books(options, make);
}

function of(ms: number | ((n: number) => number), n: number): number {
  return typeof ms === 'function' ? ms(n) : ms;
}

function isTrue(which: boolean | ((n: number) => boolean) | undefined, n: number): boolean {
  return typeof which === 'function' ? which(n) : which === true;
}

function fail(which: FakeResourcesOptions['failCreate'], n: number, what: string): void {
  const failure = typeof which === 'function' ? which(n) : which;
  if (failure === true) throw new Error(`${what} ${n} failed`);
  if (failure !== undefined && failure !== false) throw failure;
}
