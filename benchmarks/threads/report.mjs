// The figures as Markdown.

import { describe, rounded, toTargetTable } from '../speed/report.mjs';
import { thousands } from '../speed/measure.mjs';

const NAMES = { bare: 'by hand', 'bare-loop': 'by hand, no messages', tasker: '**tasker**' };

/** A row for each contestant, a column for each workload. */
export function toTable(summaries, versions = {}) {
  const contestants = [...new Set(summaries.flatMap(({ figures }) => figures.map(({ contestant }) => contestant)))];
  const head = ['', ...summaries.map(({ column, unit }) => `${column}, ${unit}`)];
  const rows = contestants
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((contestant) => [
      NAMES[contestant] ?? `${contestant} ${versions[contestant] ?? ''}`.trim(),
      ...summaries.map(({ figures }) => cell(figures.find((figure) => figure.contestant === contestant))),
    ]);
  return alignTable([head, ...rows]);
}

/** By hand first, then tasker, then the others as they come. */
function placeOf(contestant) {
  const place = Object.keys(NAMES).indexOf(contestant);
  return place < 0 ? Infinity : place;
}

function cell(figure) {
  if (figure === undefined) return '';
  const { contestant, median, deviation, ratios } = figure;
  const times = contestant === 'tasker' || ratios.tasker === undefined ? '' : ` (${rounded(ratios.tasker)} ×)`;
  return `${rounded(median)} ± ${rounded(deviation)}${times}`;
}

/** How the workloads were run, a line for each. */
export const toSettings = (summaries) =>
  summaries.map(({ title, column, tasksPerWorker, rounds, notes }) =>
    `- _${column}_: ${title}. \`tasksPerWorker: ${tasksPerWorker}\`, ${rounds} rounds. ${notes.join(' ')}`.trim(),
  );

/** The part of the page about speed. */
export function toSpeed({ machine, versions, threads, summaries, targets, failures }) {
  const failed = failures.length > 0 ? `\n\n${failures.map((failure) => `- ${failure}`).join('\n')}` : '';
  return `Written by \`npm run bench:threads\` on ${machine.date}, with ${describe(machine)}, whose load was
${machine.load.toFixed(1)} before. ${threads} threads for each, in a process of its own in each round; in each round another
one is first.

${toTable(summaries, versions)}

A cell says median ± median absolute deviation of the rounds, and how many times tasker's median the median is. Less is
better.

${toSettings(summaries).join('\n')}

piscina and tinypool have the same number as \`concurrentTasksPerWorker\`, with which they are faster; poolifier has its task
queue off, as by default, with which it is faster. By hand is \`postMessage\` and a map of promises, or nothing but the value
where there is one call at a time.

${toTargetTable(targets)}${failed}`;
}

/** A row for each contestant whose threads were killed. */
export function toKillTable(results, versions = {}) {
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
    NAMES[contestant] ?? `${contestant} ${versions[contestant] ?? ''}`.trim(),
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
export function toKill({ machine, versions, seconds, interval, clients, results }) {
  return `Written by \`npm run bench:threads -- --kill\` on ${machine.date}, with ${describe(machine)}, whose load was
${machine.load.toFixed(1)} before. Every ${interval} ms a thread that has answered a call is ended, as by
\`process.exit()\` in it, for ${seconds} s, while ${clients} callers ask for calls of up to 1 ms, one after the other. Then all
have 10 s to be answered.

${toKillTable(results, versions)}

tasker calls again elsewhere after a thread has died; the others reject, or never answer. How many calls are right depends mostly on
how long a new thread takes to start: about as long as the next one lives.`;
}

function alignTable([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column].length)));
  const line = (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
