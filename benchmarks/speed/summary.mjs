// From samples to figures.

import { deviation, median } from './statistics.mjs';

/**
 * A summary for each workload. `runs` are `{ file, contestant, round, values }`. Its `figures` are `{ contestant, case,
 * samples, median, deviation, toFloor, toTasker }`; the last two are multiples: the median as a multiple of another's, as
 * a reader who divides them finds it, and undefined where there is nothing to compare with.
 */
export function summarize(workloads, runs) {
  return workloads.map(({ file, workload }) => {
    const { title, unit, notes = [] } = workload;
    const ours = runs.filter((run) => run.file === file);
    const contestants = [...new Set(ours.toSorted((a, b) => a.place - b.place).map(({ contestant }) => contestant))];
    const cases = workload.cases.flatMap(({ name, names = [name] }) => names);
    const figures = cases.flatMap((name) => {
      const samples = new Map(contestants.map((contestant) => [contestant, samplesOf(ours, contestant, name)]));
      return contestants
        .filter((contestant) => samples.get(contestant).length > 0)
        .map((contestant) => figure(contestant, name, samples));
    });
    return { name: file.replace('.mjs', ''), title, unit, notes, contestants, cases, figures };
  });
}

/** The values of the rounds in which the contestant took part in the case. */
const samplesOf = (runs, contestant, name) =>
  runs
    .filter((run) => run.contestant === contestant && run.values[name] !== undefined)
    .map(({ values }) => values[name]);

function figure(contestant, name, samples) {
  const values = samples.get(contestant);
  return {
    contestant,
    case: name,
    samples: values,
    median: median(values),
    deviation: deviation(values),
    toFloor: multiple(values, samples.get('floor')),
    toTasker: multiple(values, samples.get('tasker')),
  };
}

const multiple = (values, base = []) => (base.length > 0 ? median(values) / median(base) : undefined);

/** The figure of a contestant in a case of a workload, or undefined. */
export const figureOf = (summary, contestant, name) =>
  summary?.figures.find((figure) => figure.contestant === contestant && figure.case === name);
