import type { WorkerKind, WorkerRef } from '../primitives/task-info.ts';
import type { Attempt } from '../resources/breaker.ts';
import { Resource } from '../resources/resource.ts';
import type { DestroyReason, ResourceHooks, ResourceLog, ResourceOwner } from '../resources/resource.ts';
import { Place } from './place.ts';
import type { PlaceOwner, Runs } from './place.ts';

/** Whom a worker belongs to: the fleet or the spare pool. */
export interface Crew<R> {
  /** Its resource is up. */
  opened(worker: Worker<R>, now: number): void;
  /** Its resource could not be made; it is gone. */
  notOpened(worker: Worker<R>, cause: unknown): void;
  /** It takes no new task from now on. */
  closing(worker: Worker<R>): void;
  /** Its resource is destroyed; it counts no more. */
  closed(worker: Worker<R>): void;
  /** One of its places is free again. */
  rested(worker: Worker<R>, now: number): void;
}

/** What all workers of a manager share. */
export interface WorkerEnvironment<R> {
  readonly hooks: ResourceHooks<R>;
  readonly log: ResourceLog;
  readonly runs: Runs<R>;
  nextWorkerId(): number;
}

/** A worker: one resource, and the place in which it runs one task at a time. Replaced as a whole, never refilled. */
export class Worker<R> implements ResourceOwner, PlaceOwner<R> {
  readonly id: number;
  readonly resource: Resource<R>;
  readonly place: Place<R>;
  /** Its creation, for the breaker. */
  readonly attempt: Attempt;
  /** Since when it has had no task; meaningful while it has none. */
  idleSince = 0;
  readonly #crew: Crew<R>;
  #ref: WorkerRef;

  constructor(kind: WorkerKind, attempt: Attempt, environment: WorkerEnvironment<R>, crew: Crew<R>) {
    this.id = environment.nextWorkerId();
    this.attempt = attempt;
    this.#ref = { id: this.id, kind };
    this.#crew = crew;
    this.resource = new Resource(kind, environment.hooks, this, environment.log);
    this.place = new Place(this, environment.runs);
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

  /** Whether it may take tasks, now or when its place is free. */
  get isLive(): boolean {
    return this.resource.state === 'live';
  }

  get isStarting(): boolean {
    return this.resource.state === 'starting';
  }

  /** Whether it is live and has nothing to do. */
  get isIdle(): boolean {
    return this.isLive && this.resource.users === 0;
  }

  open(): void {
    this.resource.open();
  }

  retire(reason: DestroyReason): void {
    this.resource.retire(reason);
  }

  /** Its place is free again. */
  rested(now: number): void {
    this.resource.leave();
    if (!this.isLive) return;
    this.idleSince = now;
    this.#crew.rested(this, now);
  }

  opened(now: number): void {
    this.idleSince = now;
    this.#crew.opened(this, now);
  }

  notOpened(cause: unknown): void {
    this.#crew.notOpened(this, cause);
  }

  closing(): void {
    this.#crew.closing(this);
  }

  closed(): void {
    this.#crew.closed(this);
  }
}
