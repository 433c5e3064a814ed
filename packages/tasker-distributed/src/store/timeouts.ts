/** Longest wait for a store's first answer. */
export const CONNECT_TIMEOUT = 10_000;
/**
 * A connection on which an answer does not come for so long is dead, whatever TCP believes: it is replaced, and the question asked again. Longer than
 * any command takes, those included for which BullMQ has Redis wait, up to 10 s.
 */
export const ANSWER_TIMEOUT = 15_000;
/** Milliseconds of silence after which the system asks by itself whether the other side is there. */
export const KEEP_ALIVE = 10_000;
