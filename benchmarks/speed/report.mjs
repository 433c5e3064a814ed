// The figures as Markdown.

import { withVersion } from '../kit/contestants.mjs';
import { figureOf, ratioOf } from '../kit/figures.mjs';
import { describe, writtenBy } from '../kit/machine.mjs';
import { alignTable, rounded, toList } from '../kit/table.mjs';
import { ABOUT_BRACKETS, toTargetTable } from '../kit/targets.mjs';
import { FLOOR, OURS } from './contestants.mjs';

/** A table with a row for each contestant and a column for each case. */
export function toTable(summary, nameOf = (contestant) => contestant) {
  const rows = summary.contestants.map((contestant) => [
    nameOf(contestant),
    ...summary.cases.map((name) => cell(summary, contestant, name)),
  ]);
  return alignTable([[summary.unit, ...summary.cases], ...rows]);
}

function cell(summary, contestant, name) {
  const of = (who) => figureOf([summary], summary.name, who, name);
  if (of(contestant) === undefined) return '';
  const multiples = [FLOOR, OURS].map((base) => ratioOf(of(contestant), of(base))?.value);
  return `${rounded(of(contestant).value)} (${multiples.map((value) => (value === undefined ? '?' : rounded(value))).join(', ')})`;
}

/** The page `docs/speed-figures.md`. */
export const toPage = ({ summaries, targets, machine, rounds, notes }) => `# How fast it is

${writtenBy('npm run bench', machine)} Don't edit it.

Each contestant runs each workload in ${rounds} processes of its own (in fewer where the table says so), in turns with the
others. It has warmed up when the time is taken. The code of the workloads is the same for all:
[benchmarks/speed/workloads](../benchmarks/speed/workloads); so is what is asked of them first: as many tasks at once as
there are resources, each with one of its own, every result right.

Tasks are async functions that return a number, unless the table says otherwise: what is left is the cost of the library,
which is little beside a query that takes a millisecond. Queues that own no resources have a list of free ones beside
them. \`tasker\` keeps its metrics, judges errors and may start as many workers again.

Within a process a time is the mean of many measurements, each of which begins with V8's collector at another place of its
way, so that each bears its share of what is collected ([why](performance.md#how-it-is-measured)). A figure is the 10 %
quantile of the processes; in brackets how many times the figure of the floor and of \`tasker\` it is. The floor is the
least code by hand: an array, a list of free resources, one promise for each task, and no feature. Less is better
throughout. An empty cell was not run.

${summaries.map((summary) => section(summary, rounds)).join('\n\n')}

## Targets

Throughput is compared with fastq in each cell, and with each other rival where that is closest; of ways to use \`tasker\`
the slowest cell counts.

${toTargetTable(targets)}

${ABOUT_BRACKETS}

## Remarks

${toList(notes)}
`;

const section = ({ notes = [], ...summary }, rounds) => {
  const less = summary.rounds < rounds ? [`In ${summary.rounds} of the ${rounds} rounds.`] : [];
  return [`## ${summary.title}`, toTable(summary, withVersionOfRival), ...less, ...notes].join('\n\n');
};

/** Ours is named at the top of the page. */
const withVersionOfRival = (contestant) => (contestant.startsWith(OURS) ? contestant : withVersion(contestant));

/** Who is called otherwise in the README. */
const NAMES = { [FLOOR]: 'by hand, no feature', [OURS]: `**${OURS}**` };

/** Left to the page: the README has room for one pool. */
const LEFT_OUT = ['tarn', 'lightning-pool'];

/** The table of the README. Its cells have spaces that do not break: a row is a line. */
export function toReadmeTable({ summaries, machine }) {
  const columns = [
    ['100,000 at once', 'once', '100,000'],
    ['64 clients in a loop', 'loop', '64'],
    ['one, idle', 'latency', 'to its result'],
    ['bytes per waiting task', 'memory', 'one function for all'],
  ];
  const [once] = summaries;
  const contestants = once.contestants.filter((contestant) => !LEFT_OUT.includes(contestant));
  const rows = contestants.map((contestant) => [
    NAMES[contestant] ?? withVersion(contestant),
    ...columns.map(([, workload, name]) => {
      const [figure, ours] = [contestant, OURS].map((who) => figureOf(summaries, workload, who, name));
      return figure === undefined ? '' : `${rounded(figure.value)}\u00A0(${rounded(ratioOf(figure, ours).value)})`;
    }),
  ]);
  return `${alignTable([['µs per task (× tasker)', ...columns.map(([title]) => title)], ...rows])}

8 resources; ${describe(machine)}, ${machine.date}. All of it: [docs/speed-figures.md](docs/speed-figures.md).`;
}
