// The page that a whole run leaves.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../../docs/threads-figures.md', import.meta.url);

const EMPTY = `# How fast threads are

Don't edit it: \`npm run bench:threads\` writes it. The code of the workloads is the same for all, and all results are checked:
[benchmarks/threads](../benchmarks/threads).

## Calls

<!-- speed:start -->

<!-- speed:end -->

## Threads that are killed under load

<!-- kill:start -->

<!-- kill:end -->
`;

/** Puts `text` between the marks of a part of the page. */
export function writePart(part, text) {
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : EMPTY;
  const [start, end] = [`<!-- ${part}:start -->`, `<!-- ${part}:end -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`threads-figures.md must have ${start} and, after it, ${end}`);
  writeFileSync(PAGE, `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`);
}
