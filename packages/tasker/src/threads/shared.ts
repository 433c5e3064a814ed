/**
 * Two numbers in memory that a thread shares with its owner, for what must be seen while it computes and hears nothing.
 * Absent in a page that is not cross-origin isolated.
 */
export type SharedNumbers = Int32Array;

/** The number of aborts sent; the owner writes it, after sending. */
export const ABORTS = 0;
/** The call whose function the thread is in; 0 = none. The thread writes it. */
export const CURRENT = 1;

/** What the owner tells, and asks, a thread that computes and hears nothing. */
export interface Gauge {
  /** An abort was sent. */
  ring(): void;
  /** The call whose function it is in, as far as that has not waited yet; 0 = none, or unknown. */
  readonly current: number;
  /** Brings `current` up to date. Absent where it is so at all times. */
  ask?(): Promise<void>;
}

export function sharedNumbers(): SharedNumbers | undefined {
  return typeof SharedArrayBuffer === 'function' ? new Int32Array(new SharedArrayBuffer(8)) : undefined;
}

/** The gauge of a thread that shares its numbers. */
export function sharedGauge(shared: SharedNumbers | undefined): Gauge {
  return {
    ring: () => {
      if (shared !== undefined) Atomics.add(shared, ABORTS, 1);
    },
    get current() {
      return shared === undefined ? 0 : Atomics.load(shared, CURRENT);
    },
  };
}
