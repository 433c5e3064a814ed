/** Longest wait for a store's first answer. */
export const CONNECT_TIMEOUT = 10_000;
