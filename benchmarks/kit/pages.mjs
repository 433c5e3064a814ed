// The files that a whole run leaves.

import { readFileSync, writeFileSync } from 'node:fs';

/** The root of the repository. */
export const ROOT = new URL('../../', import.meta.url);

/**
 * @param {string} path in the repository
 * @param {string} text
 */
export const writePage = (path, text) => writeFileSync(new URL(path, ROOT), text);

/**
 * What was measured, as data: `results.json` of the benchmark.
 * @param {string} benchmark
 * @param {unknown} report
 */
export const writeResults = (benchmark, report) =>
  writePage(`benchmarks/${benchmark}/results.json`, `${JSON.stringify(report, undefined, 2)}\n`);

/**
 * Puts `text` between `<!-- part:start -->` and `<!-- part:end -->` of a page.
 * @param {string} path
 * @param {string} part
 * @param {string} text
 */
export function writePart(path, part, text) {
  const page = readFileSync(new URL(path, ROOT), 'utf8');
  const [start, end] = [`<!-- ${part}:start -->`, `<!-- ${part}:end -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${path} must have ${start} and, after it, ${end}`);
  writePage(path, `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`);
}
