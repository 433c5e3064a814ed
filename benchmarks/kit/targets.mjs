// What tasker is meant to reach. Nothing fails when it does not: a table tells.

import { alignTable } from './table.mjs';

/**
 * @typedef {{ value: number, bracket?: readonly [number, number] | undefined }} Measured
 * @typedef {{ what: string, goal: string, value: number, bracket?: readonly [number, number] | undefined, isMet: boolean }} Target
 */

/**
 * A list of one target, or of none if nothing was measured.
 * @param {string} what
 * @param {Measured | undefined} measured
 * @param {number} goal
 */
export const atMost = (what, measured, goal) => target(what, measured, `≤ ${goal}`, (value) => value <= goal);

/** @type {typeof atMost} */
export const atLeast = (what, measured, goal) => target(what, measured, `≥ ${goal}`, (value) => value >= goal);

/**
 * @param {string} what
 * @param {Measured | undefined} measured
 * @param {string} goal
 * @param {(value: number) => boolean} isMet
 * @returns {Target[]}
 */
function target(what, measured, goal, isMet) {
  if (measured === undefined) return [];
  const { value, bracket } = measured;
  return [{ what, goal, value, bracket, isMet: isMet(value) }];
}

/** How brackets are made, for those who read the tables. */
export const ABOUT_BRACKETS =
  'In brackets: of 1,000 draws of as many rounds as there were, put back each time, nine of ten give a value between these two.';

/** @param {readonly Target[]} targets */
export const toTargetTable = (targets) =>
  alignTable([
    ['target', 'goal', 'measured', 'verdict'],
    ...targets.map(({ what, goal, value, bracket, isMet }) => [
      what,
      goal,
      `${digits(value)}${bracket === undefined ? '' : ` (${bracket.map(digits).join('–')})`}`,
      isMet ? 'met' : '**missed**',
    ]),
  ]);

/** @param {number} value */
const digits = (value) => (value < 100 ? value.toFixed(2) : value.toFixed(0));
