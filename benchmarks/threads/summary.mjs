// From samples to figures.

import { deviation, median } from '../speed/statistics.mjs';

/**
 * The workloads with their `figures`: `{ contestant, samples, median, deviation, ratios }`. A ratio is how many times
 * another contestant's median the median is. `runs` are `{ workload, contestant, round, value }`.
 */
export function summarize(workloads, runs) {
  return workloads.map(({ name, title, column, unit, tasksPerWorker, contestants, notes = [] }) => {
    const own = runs.filter(({ workload }) => workload === name);
    const of = (contestant) => own.filter((run) => run.contestant === contestant);
    const present = contestants.filter((contestant) => of(contestant).length > 0);
    const figures = present.map((contestant) => {
      const samples = of(contestant).map(({ value }) => value);
      const ratios = Object.fromEntries(present.map((other) => [other, median(samples) / medianOf(of(other))]));
      return { contestant, samples, median: median(samples), deviation: deviation(samples), ratios };
    });
    const rounds = new Set(own.map(({ round }) => round)).size;
    return { name, title, column, unit, tasksPerWorker, notes, rounds, figures };
  });
}

const medianOf = (runs) => median(runs.map(({ value }) => value));

/** The figure of a contestant in a workload, or undefined. */
export const figureOf = (summaries, workload, contestant) =>
  summaries.find(({ name }) => name === workload)?.figures.find((figure) => figure.contestant === contestant);
