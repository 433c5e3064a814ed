// From runs to figures.

import { bracket, undisturbed } from './statistics.mjs';

/**
 * A run has a number for each case. A figure is the 10 % quantile of those of all rounds, unless one says otherwise.
 * @typedef {{ event: string, contestant: string, round: number, value: Record<string, number> }} Run
 * @typedef {{ contestant: string, case: string, samples: Record<string, number>, value: number }} Figure
 */

/**
 * The events with their `figures`, of `runs`; the contestants are those that have figures.
 * @template {{ name: string, contestants: readonly string[], cases: readonly { name: string }[] }} E
 * @param {readonly E[]} events
 * @param {readonly Run[]} runs
 * @param {(samples: readonly number[]) => number} pick
 */
export function summarize(events, runs, pick = undisturbed) {
  return events.map((event) => {
    const figures = event.contestants.flatMap((contestant) =>
      event.cases.flatMap(({ name }) => {
        const own = runs.filter((run) => run.event === event.name && run.contestant === contestant);
        const entries = own.flatMap(({ round, value }) => (name in value ? [[round, value[name]]] : []));
        /** @type {Record<string, number>} */
        const samples = Object.fromEntries(entries);
        const values = Object.values(samples);
        return values.length > 0 ? [{ contestant, case: name, samples, value: pick(values) }] : [];
      }),
    );
    const contestants = event.contestants.filter((name) => figures.some(({ contestant }) => contestant === name));
    const rounds = Math.max(0, ...figures.map(({ samples }) => Object.keys(samples).length));
    return { ...event, cases: event.cases.map(({ name }) => name), contestants, figures, rounds };
  });
}

/**
 * The figure of a contestant in a case of an event, or undefined.
 * @param {readonly { name: string, figures: readonly Figure[] }[]} summaries
 * @param {string} event
 * @param {string} contestant
 * @param {string} name
 */
export const figureOf = (summaries, event, contestant, name) =>
  summaries
    .find((summary) => summary.name === event)
    ?.figures.find((figure) => figure.contestant === contestant && figure.case === name);

/**
 * How many times the figure `b` the figure `a` is, and the bracket of it, of the rounds that have both; undefined without both.
 * @param {Figure | undefined} a
 * @param {Figure | undefined} b
 * @param {(samples: readonly number[]) => number} pick
 */
export function ratioOf(a, b, pick = undisturbed) {
  if (a === undefined || b === undefined) return undefined;
  const pairs = Object.entries(a.samples).flatMap(([round, sample]) => {
    const other = b.samples[round];
    return other === undefined ? [] : [[sample, other]];
  });
  const ratio = (/** @type {readonly number[][]} */ some) =>
    pick(some.map(([value = NaN]) => value)) / pick(some.map(([, value = NaN]) => value));
  return { value: a.value / b.value, bracket: pairs.length > 1 ? bracket(pairs, ratio) : undefined };
}
