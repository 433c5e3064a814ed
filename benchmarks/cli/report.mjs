// The figures as Markdown.

import { figureOf, ratioOf } from '../kit/figures.mjs';
import { writtenBy } from '../kit/machine.mjs';
import { alignTable, rounded, thousands, toList } from '../kit/table.mjs';
import { ABOUT_BRACKETS, toTargetTable } from '../kit/targets.mjs';

/** A table for each workload: a row for each contestant, a column for each case. */
export const toTables = (summaries, workloads) => summaries.map((summary) => toTable(summary, workloads)).join('\n\n');

function toTable(summary, workloads) {
  const { cases } = workloads.find(({ name }) => name === summary.name);
  const [first] = summary.contestants;
  const rows = summary.contestants.map((contestant) => [
    contestant,
    ...cases.map(({ name, isCompared }) => {
      const [figure, base] = [contestant, first].map((who) => figureOf([summary], summary.name, who, name));
      if (figure === undefined || Number.isNaN(figure.value)) return '';
      const times = isCompared && contestant !== first ? ` (${rounded(ratioOf(figure, base)?.value ?? NaN)} ×)` : '';
      return `${Number.isInteger(figure.value) ? thousands(figure.value) : rounded(figure.value)}${times}`;
    }),
  ]);
  const table = alignTable([['', ...cases.map(({ unit }) => unit)], ...rows]);
  const notes = [`Rounds: ${summary.rounds}.`, ...(summary.notes ?? [])].join(' ');
  return `## ${summary.title}\n\n${table}\n\n${notes}`;
}

/** The page. */
export const toPage = ({ machine, summaries, workloads, targets, failures }) =>
  `# How fast the command is

Don't edit it: it is written by the benchmark in [benchmarks/cli](../benchmarks/cli).

${writtenBy('npm run bench:cli', machine)} Each command runs by itself, from its start to its end; in each round another one is first.
A cell says the 10 % quantile of the rounds and, in brackets, how many times that of the first row it is. Less is better.

${toTables(summaries, workloads)}

## Targets

${toTargetTable(targets)}

${[ABOUT_BRACKETS, ...(failures.length > 0 ? [toList(failures)] : [])].join('\n\n')}
`;
