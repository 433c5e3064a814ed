// The results as Markdown.

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const OURS = 'tasker';

/**
 * The name and version of the package of a contestant, which is named after its package and, after a space, what of it
 * is tried: `fastq kill()`.
 */
export function packageOf(contestant) {
  const [folder] = contestant.split(' ', 1);
  const manifest = new URL(`../node_modules/${folder}/package.json`, import.meta.url);
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return `${name} ${version}`;
}

/** `fastq 1.20.3 kill()`, where the contestant is called `fastq kill()`. */
const nameOf = (contestant) => contestant.replace(/^\S+/, packageOf(contestant));

/** One row for each rival; situation and tasker's cell stand in the first row of a situation only. */
export function toTable(results) {
  const rows = [['situation', 'rival', 'what the rival does', 'tasker']];
  for (const { title, promise, outcomes } of results) {
    const ours = cell(outcomes.find(({ contestant }) => contestant === OURS));
    const rivals = outcomes
      .filter(({ contestant }) => contestant !== OURS)
      .map((outcome) => [nameOf(outcome.contestant), cell(outcome)]);
    if (promise) rivals.push(['the Go original', `not run; its promise: ${promise}`]);
    rivals.forEach(([rival, done], index) =>
      rows.push(index === 0 ? [title, rival, done, ours] : ['', rival, done, '']),
    );
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

const cell = ({ right, outcome }) => `${right ? 'right' : '**wrong**'}: ${outcome}`;

/** The page `docs/torture.md`. */
export function toPage({ date, node, versions, results }) {
  const notes = results.flatMap(({ notes = [] }) => notes).map((note) => `- ${note}`);
  return `# Situations that break queues and pools

Written by \`npm run torture\` on ${date}, with Node ${node} on ${availableParallelism()} cores. Don't edit it.

Each contestant meets each situation in a process of its own, used as its documentation says. "Right" and "wrong" are
decided by the same code for all of them: [benchmarks/torture/situations](../benchmarks/torture/situations).

${toTable(results)}

Remarks:

${notes.join('\n')}

Versions: ${versions.join(', ')}.
`;
}
