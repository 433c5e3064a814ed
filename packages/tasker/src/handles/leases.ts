import type { Held, TaskContext, TaskRecord } from '../tasks/task.ts';
import { ResourceLease } from './lease.ts';
import type { Lease, LeaseKeeper } from './lease.ts';

/**
 * The leases that are held, found by what they hold. O(1) for each, and nothing for a task.
 *
 * Invariant: a lease is here from its start until the {@link Ledger} counts it no more, however that comes about.
 */
export class Leases<R> implements LeaseKeeper {
  readonly isReset: boolean;
  readonly misused: (error: Error) => void;
  readonly #held = new Map<TaskRecord<R>, ResourceLease<R>>();
  /** In the order of their starts. Invariant: no set is empty. */
  readonly #byResource = new Map<R, Set<ResourceLease<R>>>();

  /** `isReset`: whether `onRelease` resets a resource that is given back; `misused` is told of a lease given back twice. */
  constructor(isReset: boolean, misused: (error: Error) => void) {
    this.isReset = isReset;
    this.misused = misused;
  }

  /** How many are held. */
  get size(): number {
    return this.#held.size;
  }

  /** The lease of a record that starts now. */
  hold(record: TaskRecord<R>, resource: R, context: TaskContext): Lease<R> & Held {
    const lease = new ResourceLease(resource, context, this);
    this.#held.set(record, lease);
    const leases = this.#byResource.get(resource) ?? new Set();
    this.#byResource.set(resource, leases.add(lease));
    return lease;
  }

  /** The oldest lease that holds a resource; one that is being given back does no more, though hooks still judge its resource. */
  of(resource: R): Lease<R> | undefined {
    for (const lease of this.#byResource.get(resource) ?? []) if (lease.isHeld) return lease;
    return undefined;
  }

  /** The lease of a record is held no more: it was given back, or the manager has given it up. */
  over(record: TaskRecord<R>): void {
    const lease = this.#held.get(record);
    if (lease === undefined) return;
    this.#held.delete(record);
    const leases = this.#byResource.get(lease.resource);
    leases?.delete(lease);
    if (leases?.size === 0) this.#byResource.delete(lease.resource);
    lease.over();
  }
}
