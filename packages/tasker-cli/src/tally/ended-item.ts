import type { ErrorDescription } from '../basics/error-description.ts';

/** An item that has ended. */
export interface EndedItem {
  readonly index: number;
  readonly input?: unknown;
  /** Undefined if all is well. */
  readonly error?: Partial<ErrorDescription> | undefined;
}
