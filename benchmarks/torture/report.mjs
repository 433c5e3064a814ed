// The results as Markdown.

import { availableParallelism } from 'node:os';
import { withVersion } from '../kit/contestants.mjs';
import { alignTable, toList } from '../kit/table.mjs';

export const OURS = 'tasker';

/** One row for each rival; situation and tasker's cell stand in the first row of a situation only. */
export function toTable(results) {
  const rows = [['situation', 'rival', 'what the rival does', 'tasker']];
  for (const { title, promise, outcomes } of results) {
    const ours = cell(outcomes.find(({ contestant }) => contestant === OURS));
    const rivals = outcomes
      .filter(({ contestant }) => contestant !== OURS)
      .map((outcome) => [withVersion(outcome.contestant), cell(outcome)]);
    if (promise) rivals.push(['the Go original', `not run; its promise: ${promise}`]);
    rivals.forEach(([rival, done], index) =>
      rows.push(index === 0 ? [title, rival, done, ours] : ['', rival, done, '']),
    );
  }
  return alignTable(rows);
}

const cell = ({ right, outcome }) => `${right ? 'right' : '**wrong**'}: ${outcome}`;

/** The page `docs/torture.md`. */
export const toPage = ({ date, node, versions, results }) => `# Situations that break queues and pools

Written by \`npm run torture\` on ${date}, with Node ${node} on ${availableParallelism()} cores. Don't edit it.

Each contestant meets each situation in a process of its own, used as its documentation says. "Right" and "wrong" are
decided by the same code for all of them: [benchmarks/torture/situations](../benchmarks/torture/situations).

${toTable(results)}

Remarks:

${toList(results.flatMap(({ notes = [] }) => notes))}

Versions: ${versions.join(', ')}.
`;
