// The figures as Markdown.

import { withVersion } from '../kit/contestants.mjs';
import { figureOf, ratioOf } from '../kit/figures.mjs';
import { writtenBy } from '../kit/machine.mjs';
import { alignTable, rounded, thousands, toList } from '../kit/table.mjs';
import { ABOUT_BRACKETS, toTargetTable } from '../kit/targets.mjs';
import { NAMES, contestants } from './contestants.mjs';

const nameOf = (contestant) => NAMES[contestant] ?? withVersion(contestant);

/** A row for each contestant, a column for each workload. */
export function toTable(summaries) {
  const present = contestants.filter((name) => summaries.some((summary) => summary.contestants.includes(name)));
  return alignTable([
    ['', ...summaries.map(({ column, unit }) => `${column}, ${unit}`)],
    ...present.map((name) => [nameOf(name), ...summaries.map((summary) => cell(summary, name))]),
  ]);
}

function cell(summary, contestant) {
  const [figure, ours] = [contestant, 'tasker'].map((who) => figureOf([summary], summary.name, who, summary.column));
  if (figure === undefined) return '';
  const times = ours === undefined || figure === ours ? '' : ` (${rounded(ratioOf(figure, ours).value)} ×)`;
  return `${rounded(figure.value)}${times}`;
}

/** How the workloads were run, a line for each. */
export const toSettings = (summaries) =>
  toList(
    summaries.map(({ title, column, tasksPerWorker, rounds, notes = [] }) =>
      `_${column}_: ${title}. \`tasksPerWorker: ${tasksPerWorker}\`, ${rounds} rounds. ${notes.join(' ')}`.trim(),
    ),
  );

/** The part of the page about speed. */
export const toSpeed = ({ machine, threads, summaries, targets, failures }) =>
  `${writtenBy('npm run bench:threads', machine)} ${threads} threads for each, in a process of its own in each round; in each round
another one is first.

${toTable(summaries)}

A cell says the 10 % quantile of the rounds, and how many times that of tasker it is. Less is better.

${toSettings(summaries)}

piscina and tinypool have the same number as \`concurrentTasksPerWorker\`, with which they are faster; poolifier has its task
queue off, as by default, with which it is faster. By hand is \`postMessage\` and a map of promises, or nothing but the value
where there is one call at a time.

${toTargetTable(targets)}

${[ABOUT_BRACKETS, ...(failures.length > 0 ? [toList(failures)] : [])].join('\n\n')}`;

/** A row for each contestant whose threads were killed. */
export function toKillTable(results) {
  const head = [
    '',
    'threads killed',
    'right',
    'rejected',
    'wrong',
    'without an answer',
    'threads afterwards',
    'right then',
  ];
  const rows = results.map(({ contestant, failure, ...counts }) => [
    nameOf(contestant),
    ...(failure === undefined
      ? [
          thousands(counts.killed),
          thousands(counts.right),
          thousands(counts.rejected),
          thousands(counts.wrong),
          thousands(counts.unanswered),
          `${counts.threadsAfterwards} of ${counts.threads}`,
          `${counts.rightAfterwards} of ${counts.askedAfterwards}`,
        ]
      : [failure, '', '', '', '', '', '']),
  ]);
  return alignTable([head, ...rows]);
}

/** The part of the page about killing. */
export function toKill({ machine, seconds, interval, clients, results }) {
  return `${writtenBy('npm run bench:threads -- --kill', machine)} Every ${interval} ms a thread that has answered a call is ended, as by
\`process.exit()\` in it, for ${seconds} s, while ${clients} callers ask for calls of up to 1 ms, one after the other. Then all
have 10 s to be answered.

${toKillTable(results)}

tasker calls again elsewhere after a thread has died; the others reject, or never answer. How many calls are right depends mostly on
how long a new thread takes to start: about as long as the next one lives.`;
}
