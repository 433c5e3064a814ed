import type { SharedNumbers } from './shared.ts';

/**
 * What travels between a thread and its owner. A message is one array that holds one record or several, one behind the
 * other, each a kind (a number), the number of the call and what the kind needs. `n args…` is a count and so many values.
 *
 * ```
 *   to the thread                                  from the thread
 *   CALL           id fn n args…                   READY           0 names
 *   START          id fn window places n args…     FAILED          0 thrown
 *   ABORT          id thrown                       VALUE           id value
 *   CREDIT         id items                        ERROR           id thrown
 *   RETURN         id                              ABORTED         id
 *   ANSWER         id invocation value             REFUSED         id message
 *   ANSWER_ERROR   id invocation thrown            ITEM            id value
 *   CLOSE          0                               INVOKE          id callback invocation n args…
 *                                                  HEARD           id
 *                                                  PRINTING        0 isPrinting
 *                                                  CLOSED          0
 *                                                  CLOSE_FAILED    0 thrown
 * ```
 *
 * `fn` is an index into the names of READY. `window` is 0 for a call, else the most items of a stream that may be under
 * way. `places` says where callbacks stood among the arguments. `thrown` is an encoded error, see `error-codec.ts`.
 *
 * Records without objects are collected and travel together; one that holds an object is a message of its own, posted
 * at once, so that objects of two calls never meet in one message and what is sent is what there was at the time.
 */
export type Message = readonly unknown[];

export const CALL = 0;
export const START = 1;
export const ABORT = 2;
export const CREDIT = 3;
export const RETURN = 4;
export const ANSWER = 5;
export const ANSWER_ERROR = 6;
export const CLOSE = 7;

export const READY = 10;
export const FAILED = 11;
export const VALUE = 12;
export const ERROR = 13;
export const ABORTED = 14;
export const REFUSED = 15;
export const ITEM = 16;
export const INVOKE = 17;
export const HEARD = 18;
export const CLOSED = 19;
export const CLOSE_FAILED = 20;
export const PRINTING = 21;

/** What a thread is started with. */
export interface ThreadInit {
  /** The address of the module whose functions are called. */
  readonly module: string;
  /** What the module's `onCreate` gets. */
  readonly data: unknown;
  readonly shared: SharedNumbers | undefined;
}

/** Whether a value is copied by being passed on, so that it can be sent later and beside others. */
export function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'object':
      return value === null;
    case 'function':
    case 'symbol':
      return false;
    default:
      return true;
  }
}
