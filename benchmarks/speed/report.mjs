// The figures as Markdown.

import { figureOf } from './summary.mjs';
import { thousands } from './measure.mjs';

/** A table with a row for each contestant and a column for each case. */
export function toTable(summary, nameOf = (contestant) => contestant) {
  const rows = summary.contestants.map((contestant) => [
    nameOf(contestant),
    ...summary.cases.map((name) => cell(figureOf(summary, contestant, name))),
  ]);
  return alignTable([[summary.unit, ...summary.cases], ...rows]);
}

function cell(figure) {
  if (figure === undefined) return '';
  const { median, deviation, toFloor, toTasker } = figure;
  return `${rounded(median)} ± ${rounded(deviation)} (${multiple(toFloor)}, ${multiple(toTasker)})`;
}

const multiple = (value) => (value === undefined ? '?' : rounded(value));

/** The targets, for reading in a terminal. */
export const toTargetTable = (targets) =>
  alignTable([
    ['target', 'goal', 'measured', 'verdict'],
    ...targets.map(({ what, goal, value, isMet }) => [what, goal, value.toFixed(2), isMet ? 'met' : '**missed**']),
  ]);

/** The page `docs/speed-figures.md`. */
export function toPage({ summaries, targets, machine, versions, rounds, notes }) {
  const nameOf = named(versions);
  return `# How fast it is

Written by \`npm run bench\` on ${machine.date}, with ${describe(machine)}, whose load was
${machine.load.toFixed(1)} before. Don't edit it.

Each contestant runs each workload in a process of its own, ${rounds} times, in turns. It has warmed up when the time is
taken, and new space begins as large as it gets, as in a process that has been up for a while. The code of the workloads
is the same for all: [benchmarks/speed/workloads](../benchmarks/speed/workloads); so is what is asked of them first: as
many tasks at once as there are resources, each with one of its own, every result right.

Tasks are async functions that return a number, unless the table says otherwise: what is left is the cost of the library,
which is little beside a query that takes a millisecond. Queues that own no resources have a list of free ones beside
them. \`tasker\` keeps its metrics, judges errors and may start as many workers again.

A cell says median ± median absolute deviation, of the rounds; in brackets how many times the median of the floor and of
\`tasker\` the median is. The floor is the least code by hand: an array, a list of free
resources, one promise for each task, and no feature. Less is better throughout. An empty cell was not run.

${summaries.map((summary) => section(summary, nameOf)).join('\n\n')}

## Targets

${toTargetTable(targets)}

## Remarks

${notes.map((note) => `- ${note}`).join('\n')}
`;
}

const section = (summary, nameOf) => [`## ${summary.title}`, toTable(summary, nameOf), ...summary.notes].join('\n\n');

/** The names of contestants with the versions of their packages. */
const named = (versions) => (contestant) =>
  contestant
    .split('+')
    .map((part) => (versions[part] === undefined ? part : `${part} ${versions[part]}`))
    .join(' + ');

/** `tasker 0.1.0 (d6e7214), Node 20.20.2, 2 × Some CPU`. */
export const describe = ({ node, cores, cpu, tasker }) => `${tasker}, Node ${node}, ${cores} × ${cpu}`;

/** The table of the README. */
export function toReadmeTable({ summaries, machine, versions }) {
  const nameOf = named(versions);
  const columns = [
    ['100,000 at once', 'once', '100,000'],
    ['64 clients in a loop', 'loop', '64'],
    ['one, idle', 'latency', 'to its result'],
    ['bytes per waiting task', 'memory', 'one function for all'],
  ];
  const [once] = summaries;
  const rows = once.contestants
    .filter((contestant) => !contestant.startsWith('tasker-'))
    .map((contestant) => [
      contestant === 'floor' ? 'by hand, no feature' : contestant === 'tasker' ? '**tasker**' : nameOf(contestant),
      ...columns.map(([, workload, name]) => {
        const figure = figureOf(
          summaries.find((summary) => summary.name === workload),
          contestant,
          name,
        );
        return figure === undefined ? '' : `${rounded(figure.median)} (${rounded(figure.toTasker)})`;
      }),
    ]);
  return `${alignTable([['µs per task (× tasker)', ...columns.map(([title]) => title)], ...rows])}

8 resources; ${describe(machine)}, ${machine.date}. All of it: [docs/speed-figures.md](docs/speed-figures.md).`;
}

/** Three digits, as many of them decimals as need be. */
export function rounded(number) {
  if (number >= 100) return thousands(Math.round(number));
  return number.toFixed(number >= 10 ? 1 : 2);
}

function alignTable([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)));
  const line = (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
