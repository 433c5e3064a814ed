import { closed } from '../store/patient-pool.ts';
import { isRefusal } from '../store/refusal.ts';
import type { Store } from '../store/store.ts';

type Method = (job: string | { readonly id?: string }, ...others: unknown[]) => Promise<unknown>;

/** How BullMQ stores what becomes of a run, each with the place of the token behind that of the job. */
const ENDINGS = { moveToCompleted: 2, moveToFailed: 2, moveToDelayed: 2, retryJob: 1 } as const;

/** Whoever holds the lock of a task. */
export interface EndingOwner {
  /** The end of a run is about to be stored, which ends its lock. */
  storing(id: string, token: string): void;
  /** The store takes it not now: it is stored again. */
  refused(id: string, token: string, error: unknown): void;
}

/**
 * A task whose result is refused has run: BullMQ would run it again at once, or fail one that may run once with what the store says. Told as a lost
 * connection, BullMQ stores it again and again.
 */
export function patientEndings(factory: Store['factory'], owner: EndingOwner): Store['factory'] {
  return (...args) => {
    const backend = factory(...args);
    const methods = backend as unknown as Record<string, Method>;
    for (const [method, place] of Object.entries(ENDINGS)) {
      const original = methods[method];
      if (original !== undefined) {
        Object.defineProperty(backend, method, { value: patient(original.bind(backend), place, owner) });
      }
    }
    return backend;
  };
}

function patient(original: Method, place: number, owner: EndingOwner): Method {
  return async (job, ...others) => {
    const id = (typeof job === 'string' ? job : job.id) ?? '';
    const token = String(others[place]);
    owner.storing(id, token);
    try {
      return await original(job, ...others);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      owner.refused(id, token, error);
      throw closed(error);
    }
  };
}
