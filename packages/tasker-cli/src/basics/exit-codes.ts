/** What the command ends with. */

export const ALL_WELL = 0;

/** Some items failed, or what was asked for could not be written. */
export const SOME_FAILED = 1;

/** Wrong usage or bad input. */
export const USAGE = 2;

/** After a signal: 128 and its number, as shells have it. */
export const INTERRUPTED = 130;
export const TERMINATED = 143;
