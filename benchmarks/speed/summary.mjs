// From samples to figures.

import { deviation, median } from './statistics.mjs';

/**
 * A summary for each workload. `runs` are `{ file, contestant, round, values }`. Its `figures` are `{ contestant, case,
 * samples, median, deviation, toFloor, toTasker }`; the last two are multiples, the median of those of each round, and
 * undefined where there is nothing to compare with.
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

/** `{ round, value }` of the rounds in which the contestant took part in the case. */
const samplesOf = (runs, contestant, name) =>
  runs
    .filter((run) => run.contestant === contestant && run.values[name] !== undefined)
    .map(({ round, values }) => ({ round, value: values[name] }));

function figure(contestant, name, samples) {
  const own = samples.get(contestant);
  const values = own.map(({ value }) => value);
  return {
    contestant,
    case: name,
    samples: values,
    median: median(values),
    deviation: deviation(values),
    toFloor: multiple(own, samples.get('floor')),
    toTasker: multiple(own, samples.get('tasker')),
  };
}

/** Within a round, so that what slows down the machine for a while slows down both. */
function multiple(samples, base = []) {
  const multiples = samples.flatMap(({ round, value }) =>
    base.filter((other) => other.round === round).map((other) => value / other.value),
  );
  return multiples.length > 0 ? median(multiples) : undefined;
}

/** The figure of a contestant in a case of a workload, or undefined. */
export const figureOf = (summary, contestant, name) =>
  summary?.figures.find((figure) => figure.contestant === contestant && figure.case === name);
