// What runs come to, and whether tasker reaches the figures it should.

import { median } from '../kit/statistics.mjs';
import { atLeast, atMost } from '../kit/targets.mjs';
import { OURS } from './contestants.mjs';

/** The figures of some runs: the worst and the median of each; `took` is Infinity for a run that never ended. */
export function summarize(runs) {
  const of = (figure, worst) => {
    const values = runs.map(figure);
    return { worst: worst(...values), median: median(values) };
  };
  return {
    share: of(({ share }) => share, Math.min),
    refused: of(({ refused }) => refused, Math.max),
    lost: of(({ lost }) => lost, Math.max),
    left: of(({ left }) => left, Math.max),
    took: of(({ took }) => took ?? Infinity, Math.max),
  };
}

const ourRow = ({ rows }) => rows.find(({ contestant, failure }) => contestant === OURS && failure === undefined);

/** What tasker is meant to reach in these cells; the worst seed decides. */
export const targetsOf = (results) =>
  results.flatMap((cell) => {
    const row = ourRow(cell);
    if (row === undefined) return [];
    const { share, refused, lost, left } = summarize(row.runs);
    const { goals } = cell.api;
    const what = (figure) => `${cell.name}: ${figure}`;
    return [
      ...(goals.share === undefined
        ? []
        : atLeast(what('done ÷ allowed, %'), { value: share.worst * 100 }, goals.share * 100)),
      ...(goals.refused === undefined ? [] : atMost(what('calls refused'), { value: refused.worst }, goals.refused)),
      ...atMost(what('tasks lost or left'), { value: lost.worst + left.worst }, 0),
    ];
  });

/** What may never happen, in words: tasker loses a task, or does not come to an end. */
export const brokenIn = (results) =>
  results.flatMap((cell) => {
    const ours = cell.rows.find(({ contestant }) => contestant === OURS);
    if (ours === undefined) return [];
    if (ours.failure !== undefined) return [`${cell.name}: ${ours.failure}`];
    const { lost, left } = summarize(ours.runs);
    return [
      ...(lost.worst > 0 ? [`${cell.name}: ${lost.worst} tasks lost`] : []),
      ...(left.worst > 0 ? [`${cell.name}: ${left.worst} tasks never ended`] : []),
    ];
  });
