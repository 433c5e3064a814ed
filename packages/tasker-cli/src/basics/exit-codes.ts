/** What the command ends with; the codes after signals are in `run/interrupts.ts`. */

export const ALL_WELL = 0;

/** Some items failed, or what was asked for could not be written. */
export const SOME_FAILED = 1;

/** Wrong usage or bad input. */
export const USAGE = 2;
