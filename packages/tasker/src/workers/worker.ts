import type { WorkerKind, WorkerRef } from '../primitives/task-info.ts';
import type { Attempt } from '../resources/breaker.ts';
import { Resource } from '../resources/resource.ts';
import type { DestroyReason, ResourceHooks, ResourceLog, ResourceOwner } from '../resources/resource.ts';
import type { Kept, Unfit, Upkeep } from '../resources/upkeep.ts';
import { Place } from './place.ts';
import type { PlaceWorker, Runs } from './place.ts';

/**
 * A worker: one resource, and the places in which it runs tasks, one each. Replaced as a whole, never refilled.
 *
 * After a task its place is free at once, or, where there is a reset or a limit, after {@link Upkeep} had its look.
 */
export class Worker<R> implements ResourceOwner, PlaceWorker<R>, Kept<R> {
  readonly id: number;
  readonly resource: Resource<R>;
  /** Those that have been needed so far, at most `tasksPerWorker`. */
  readonly places: Place<R>[] = [];
  /** Whether there may be anything to do between two tasks. */
  readonly isLookedAfter: boolean;
  /** Its creation, for the breaker. */
  readonly attempt: Attempt;
  /** Since when it has had no task; meaningful while it has none. */
  idleSince = 0;
  expiresAt: number = Infinity;
  fitAt = 0;
  isValidated = false;
  /** Above the need: given tasks only when all others are full. Owned by the autoscaler. */
  isResting = false;
  /** Whether it may take tasks, now or when a place is free. */
  isLive = false;
  /** Whether a task may follow another one at once: it is live, belongs to the queues, and nothing is to be done between two. */
  goesOn = false;
  /** Whether its crew holds it ready for tasks. Owned by the crew. */
  isListed = false;
  #isChecking = false;
  /** Tasks that it may still take. */
  #usesLeft: number;
  readonly #free: Place<R>[] = [];
  /** Places that are not free. */
  #taken = 0;
  readonly #placeCount: number;
  readonly #environment: WorkerEnvironment<R>;
  readonly #crew: WorkerOwner<R>;
  readonly #user: WorkerUser<R>;
  /** After so many uses `onRelease` was called last, and the end of that if it is still waited for. */
  #releasedAfter = 0;
  #releasing: Promise<boolean> | undefined = undefined;
  #ref: WorkerRef;

  constructor(
    kind: WorkerKind,
    attempt: Attempt,
    places: number,
    environment: WorkerEnvironment<R>,
    crew: WorkerOwner<R>,
    user: WorkerUser<R>,
  ) {
    this.id = ++environment.workersMade;
    this.attempt = attempt;
    this.#ref = { id: this.id, kind };
    this.#environment = environment;
    this.#crew = crew;
    this.#user = user;
    this.resource = new Resource(kind, environment.hooks, this, environment.log);
    this.#placeCount = places;
    this.#usesLeft = environment.upkeep.maxUses;
    this.isLookedAfter = environment.upkeep.isNeeded;
  }

  get ref(): WorkerRef {
    return this.#ref;
  }

  get kind(): WorkerKind {
    return this.#ref.kind;
  }

  set kind(kind: WorkerKind) {
    this.#ref = { id: this.id, kind };
  }

  get value(): R {
    return this.resource.value;
  }

  get users(): number {
    return this.resource.users;
  }

  get uses(): number {
    return this.resource.uses;
  }

  get isStarting(): boolean {
    return this.resource.state === 'starting';
  }

  /** Whether its resource has come up, however it has fared since. */
  get wasUp(): boolean {
    return this.resource.createdAt >= 0;
  }

  /** Whether it lives or will: it counts for what is wanted. */
  get isAvailable(): boolean {
    return this.isLive || this.isStarting;
  }

  /** Whether it is live and nobody uses it, not even a validation. */
  get isIdle(): boolean {
    return this.isLive && this.resource.users === 0;
  }

  /** Places free now. */
  get freePlaces(): number {
    return this.#isChecking ? 0 : Math.min(this.#placeCount - this.#taken, this.#usesLeft);
  }

  /** Places that no task has, free now or when a validation has ended; those that would exceed `maxUses` apart. */
  get openPlaces(): number {
    return Math.min(this.#placeCount - this.#taken, this.#usesLeft);
  }

  /** How busy it is, for choosing the least busy one; 0 if nobody uses it and it is wanted. */
  get load(): number {
    return this.isResting ? this.resource.users + this.#placeCount : this.resource.users;
  }

  get isQuarantined(): boolean {
    return this.places.some((place) => place.state === 'quarantined');
  }

  /** Takes one of its free places; the caller has seen that there is one. */
  take(): Place<R> {
    if (this.freePlaces === 0) throw new Error('a worker may be given a task only while it has a free place');
    this.#usesLeft--;
    this.#taken++;
    this.isValidated = false;
    return this.#free.pop() ?? this.#addPlace();
  }

  #addPlace(): Place<R> {
    const place = new Place(this, this.#environment.runs);
    this.places.push(place);
    return place;
  }

  /** What keeps its resource from another task, or from idling on: asked before and after each task, and from time to time. */
  unfitFor(purpose: 'task' | 'idling', now: number): Unfit | undefined {
    return this.#environment.upkeep.unfitFor(purpose, this, now);
  }

  open(): void {
    this.resource.open();
  }

  retire(reason: DestroyReason, cause?: unknown): void {
    this.resource.retire(reason, cause);
  }

  /**
   * Validates the idle resource and then takes tasks again, or is replaced; tells whether that takes a while. No task is bound meanwhile.
   * `onSlow` is called if it takes much longer than it usually does.
   */
  check(onSlow: () => void): boolean {
    this.#isChecking = true;
    this.resource.hold();
    this.#user.withdrawn(this);
    const isFit = this.#environment.upkeep.validate(this, onSlow);
    if (typeof isFit === 'boolean') {
      this.#checked(isFit);
      return false;
    }
    void isFit.then((answer) => this.#checked(answer));
    return this.isLive; // `validate` may have said at once that it is dead
  }

  #checked(isFit: boolean): void {
    this.#isChecking = false;
    if (!isFit) this.retire('invalid');
    this.resource.leave();
    if (!this.isLive) return;
    const now = this.#environment.runs.clock.now();
    this.fitAt = this.#environment.upkeep.time(now);
    this.isValidated = true;
    this.#user.rested(this, now);
    if (this.isIdle) this.#environment.timer.idle(this);
  }

  /** Retires or validates it if it has been idle for too long; for a look from time to time. */
  look(now: number): void {
    const unfit = this.unfitFor('idling', now);
    if (unfit === 'validate') this.check(() => {});
    else if (unfit !== undefined) this.retire(unfit);
  }

  /** One of its places is free. */
  rested(place: Place<R>, now: number): void {
    if (this.isLookedAfter) this.#lookAfter(place, now);
    else this.#leave(place, now);
  }

  /**
   * Whether its resource is fit for the next task as soon as one has ended; asked before it follows at once. `onRelease` may do anything, and
   * take its time. If not, {@link rested} does what is left to be done.
   */
  refresh(now: number): boolean {
    const { upkeep } = this.#environment;
    if (!this.isLive || !this.#isOfQueues || upkeep.validatesAlways) return false;
    if (this.unfitFor('task', now) !== undefined) return false;
    return !upkeep.hasRelease || (this.#release(now) === undefined && this.isLive);
  }

  get #isOfQueues(): boolean {
    return this.kind === 'base' || this.kind === 'burst';
  }

  /** A task follows after a {@link refresh}, in the same place. */
  goOn(): void {
    this.#usesLeft--;
  }

  /** Resets the resource after a task, or retires it, if that is due. */
  #lookAfter(place: Place<R>, now: number): void {
    const { upkeep, runs } = this.#environment;
    const unfit = this.unfitFor('task', now);
    if (unfit !== undefined && unfit !== 'validate') this.retire(unfit);
    // The last task before a stop is cleaned up after, too; a resource that goes for another reason need not be.
    const isReset = this.#isReleased || (upkeep.hasRelease && (this.isLive || this.#isStopping));
    const releasing = isReset ? this.#release(now) : undefined;
    if (releasing !== undefined) void this.#leaveAfter(releasing, place);
    else this.#leave(place, isReset ? runs.clock.now() : now);
  }

  opened(now: number): void {
    this.idleSince = now;
    this.fitAt = this.#environment.upkeep.time(now);
    this.expiresAt = this.#environment.upkeep.expiry(now);
    this.isLive = true;
    this.goesOn = !this.isLookedAfter && this.#isOfQueues;
    this.#crew.opened(this, now);
    if (this.isIdle) this.#environment.timer.idle(this);
  }

  notOpened(cause: unknown): void {
    this.#crew.notOpened(this, cause);
  }

  closing(): void {
    this.isLive = false;
    this.goesOn = false;
    this.#crew.closing(this);
  }

  died(reason: unknown): void {
    for (const place of this.places) place.warn(reason);
  }

  closed(): void {
    this.#crew.closed(this);
  }

  get #isStopping(): boolean {
    const { state, reason } = this.resource;
    return state === 'retiring' && reason === 'shutdown';
  }

  /** Whether `onRelease` was called since the last use. */
  get #isReleased(): boolean {
    return this.#releasedAfter === this.resource.uses;
  }

  /** Calls `onRelease`, once after each use; returns its end if that is to be waited for. */
  #release(now: number): Promise<boolean> | undefined {
    if (this.#isReleased) return this.#releasing;
    this.#releasedAfter = this.resource.uses;
    const isFit = this.#environment.upkeep.release(this, now);
    this.#releasing = typeof isFit === 'boolean' ? undefined : isFit;
    if (isFit === false) this.retire('invalid');
    return this.#releasing;
  }

  async #leaveAfter(releasing: Promise<boolean>, place: Place<R>): Promise<void> {
    const isFit = await releasing;
    this.#releasing = undefined;
    if (!isFit) this.retire('invalid');
    this.#leave(place, this.#environment.runs.clock.now());
  }

  /** The place is free, and its task uses the resource no more. */
  #leave(place: Place<R>, now: number): void {
    this.#free.push(place);
    this.#taken--;
    this.resource.leave();
    if (!this.isLive) return;
    this.idleSince = now;
    if (this.isLookedAfter) this.fitAt = this.#environment.upkeep.leftAt(now);
    this.#user.rested(this, now);
    if (this.isLookedAfter && this.isIdle) this.#environment.timer.idle(this);
  }
}

/** Whom a worker belongs to: {@link ResourceOwner} with the worker named. */
export interface WorkerOwner<R> {
  opened(worker: Worker<R>, now: number): void;
  notOpened(worker: Worker<R>, cause: unknown): void;
  closing(worker: Worker<R>): void;
  closed(worker: Worker<R>): void;
}

/** Who gives a worker its tasks. */
export interface WorkerUser<R> {
  /** It is up; it may be given tasks, but not inside this call. */
  opened(worker: Worker<R>, now: number): void;
  /** It can take a task again. */
  rested(worker: Worker<R>, now: number): void;
  /** It takes no task, for now or for good. */
  withdrawn(worker: Worker<R>): void;
}

/** What all workers of a manager share. */
export interface WorkerEnvironment<R> {
  readonly hooks: ResourceHooks<R>;
  readonly log: ResourceLog;
  readonly runs: Runs<R>;
  readonly upkeep: Upkeep<R>;
  /** Told when a worker has become idle: it may need a look later. */
  readonly timer: { idle(worker: Worker<R>): void };
  /** How many have been made so far: they are numbered. */
  workersMade: number;
}
