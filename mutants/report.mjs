// What the tester has found, for people who read it in a terminal.

import { basename, dirname } from 'node:path';

/** All mutants of a report, each with its file, that file's text and what became of it. */
export function mutantsOf(report) {
  return Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
    mutants.map((mutant) => ({ ...mutant, file, source })),
  );
}

/** Whether no test has seen it. */
export const isUnseen = ({ status }) => status === 'Survived' || status === 'NoCoverage';

/** The text of its file with the change made. */
export function change({ source, location, replacement }) {
  return source.slice(0, offset(source, location.start)) + replacement + source.slice(offset(source, location.end));
}

function offset(text, { line, column }) {
  let start = 0;
  for (let i = 1; i < line; i++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

/** The lines that a change touches, before and after. */
function lines(mutant) {
  const { source, location } = mutant;
  const before = source.split('\n');
  const after = change(mutant).split('\n');
  const from = location.start.line - 1;
  const rest = before.length - location.end.line;
  return [
    ...before.slice(from, location.end.line).map((line) => `  - ${line}`),
    ...after.slice(from, after.length - rest).map((line) => `  + ${line}`),
  ];
}

/** Each survivor: where, which kind of change, and how the lines look before and after. */
export function survivors(unseen) {
  return unseen
    .map((mutant) => {
      const { file, location, mutatorName, status } = mutant;
      const coverage = status === 'NoCoverage' ? ', which no test runs' : '';
      const title = `${file}:${location.start.line}:${location.start.column} ${mutatorName}${coverage}`;
      return [title, ...lines(mutant), ''].join('\n');
    })
    .join('\n');
}

const seen = ['Killed', 'Timeout'];

/** A Markdown table: a row for each file, folder and for all. `refused` are those that do not compile. */
export function table(mutants, refused) {
  const counted = mutants.filter(({ status }) => seen.includes(status) || isUnseen({ status }));
  const row = (name, some) => {
    const tested = some.filter((mutant) => !refused.has(mutant));
    const killed = tested.filter(({ status }) => seen.includes(status)).length;
    const left = tested.length - killed;
    const percent = tested.length === 0 ? '' : `${((100 * killed) / tested.length).toFixed(1)} %`;
    return `| ${[name, tested.length, killed, left, some.length - tested.length, percent].join(' | ')} |`;
  };
  const by = (name) => Object.entries(groupBy(counted, name)).toSorted();
  return [
    '| | mutants | killed | left | refused by the compiler | killed |',
    '| --- | --: | --: | --: | --: | --: |',
    ...by(({ file }) => basename(dirname(file))).flatMap(([folder, inside]) => [
      row(`**${folder}/**`, inside),
      ...Object.entries(groupBy(inside, ({ file }) => basename(file)))
        .toSorted()
        .map(([file, some]) => row(file, some)),
    ]),
    row('**all**', counted),
  ].join('\n');
}

function groupBy(items, key) {
  const groups = {};
  for (const item of items) (groups[key(item)] ??= []).push(item);
  return groups;
}
