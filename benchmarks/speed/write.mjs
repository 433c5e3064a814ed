// The files that a whole run leaves.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { toChart } from './chart.mjs';
import { describe, toPage, toReadmeTable } from './report.mjs';

const START = '<!-- bench:start -->';
const END = '<!-- bench:end -->';
const README = new URL('../../README.md', import.meta.url);
const DOCS = new URL('../../docs/', import.meta.url);

export function writeReport(report) {
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(new URL('speed-figures.md', DOCS), toPage(report));
  mkdirSync(new URL('images/', DOCS), { recursive: true });
  const { machine, summaries } = report;
  writeFileSync(new URL('images/speed.svg', DOCS), toChart(summaries, `${describe(machine)}, ${machine.date}`));
}

/** Puts the table between the two marks of the README. */
export function writeReadme(report) {
  const text = readFileSync(README, 'utf8');
  const [start, end] = [text.indexOf(START), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`README.md must have ${START} and, after it, ${END}`);
  writeFileSync(README, `${text.slice(0, start + START.length)}\n\n${toReadmeTable(report)}\n\n${text.slice(end)}`);
}
