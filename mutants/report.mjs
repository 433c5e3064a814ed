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

const isSeen = ({ status }) => status === 'Killed' || status === 'Timeout';

/** A Markdown table: a row for each folder, for each of its files, and for all. `refused` are those that do not compile. */
export function table(mutants, refused) {
  const row = (name, some) => {
    const possible = some.filter((mutant) => !refused.has(mutant));
    const killed = possible.filter(isSeen).length;
    const percent = possible.length === 0 ? '' : `${((100 * killed) / possible.length).toFixed(1)} %`;
    const counts = [possible.length, killed, possible.length - killed, some.length - possible.length];
    return `| ${[name, ...counts, percent].join(' | ')} |`;
  };
  const counted = mutants.filter((mutant) => isSeen(mutant) || isUnseen(mutant));
  return [
    '|  | changes | seen | not seen | refused by the compiler | seen |',
    '| --- | --: | --: | --: | --: | --: |',
    ...groups(counted, ({ file }) => basename(dirname(file))).flatMap(([folder, inside]) => [
      row(`**${folder}/**`, inside),
      ...groups(inside, ({ file }) => basename(file)).map(([file, some]) => row(file, some)),
    ]),
    row('**all**', counted),
  ].join('\n');
}

/** The items by key, in the order of the keys. */
function groups(items, key) {
  const byKey = new Map();
  for (const item of items) byKey.set(key(item), [...(byKey.get(key(item)) ?? []), item]);
  return [...byKey].toSorted(([a], [b]) => a.localeCompare(b));
}
