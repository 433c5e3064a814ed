/**
 * The documents of this project as a web site, rendered in threads, with every link checked.
 * `markdown-site.ts [FOLDER] [--out FOLDER]`: the site of the Markdown files in a folder and in its `docs`.
 */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, posix, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type * as renderer from './markdown-site.thread.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
const root = resolve(positionals[0] ?? fileURLToPath(new URL('..', import.meta.url)));
const out = resolve(values.out ?? (await mkdtemp(join(tmpdir(), 'site-'))));

const docs = await readdir(join(root, 'docs'), { recursive: true }).catch(() => []);
const files = [...(await readdir(root)), ...docs.map((path) => posix.join('docs', path.replaceAll(sep, '/')))];
const documents = files.filter((path) => /^(?!.*\bnode_modules\/).*\.md$/.test(path)).toSorted();
/** Pages by their paths; undefined = what the file says. A folder without a README gets a list of what is in it. */
const pages = new Map<string, string | undefined>(documents.map((path) => [path, undefined]));
for (const folder of new Set(documents.map((path) => posix.dirname(path)))) {
  const list = documents.map((path) => posix.relative(folder, path)).filter((path) => !path.startsWith('..'));
  const start = posix.join(folder, 'README.md');
  if (!pages.has(start)) pages.set(start, `# ${folder}\n\n${list.map((path) => `- [${path}](<${path}>)\n`).join('')}`);
}

const data = { root, out, pages: [...pages.keys()] };
const startedAt = performance.now();
const manager = await createTaskManager({
  ...threads<typeof renderer>(new URL('markdown-site.thread.mjs', import.meta.url), { data, execArgv: [] }),
  workerCount: 1,
  maxWorkerCount: Math.max(2, availableParallelism()),
  resourcePoolSize: 0,
});
const rendered = await Promise.all(
  [...pages].map(([path, text]) => manager.queueTask((thread) => thread.run('render', path, text))),
);
await manager.stop();

/** Takes a file that a page links to, or shows, into the site. False = there is none. */
async function take(path: string): Promise<boolean> {
  if (path.startsWith('..') || !existsSync(join(root, path))) return false;
  await cp(join(root, path), join(out, path), { recursive: true, filter: (file) => basename(file) !== 'node_modules' });
  return true;
}
const ids = new Map(rendered.map((page) => [page.path, page.ids]));
const broken: string[] = [];
for (const { path, bytes, links } of rendered) {
  console.log(`${path}: ${(bytes / 1000).toFixed(1)} kB, ${links.length} links`);
  for (const { path: target, id } of links) {
    const known = ids.get(target);
    const isWell = known === undefined ? await take(target) : id === '' || known.includes(id);
    if (!isWell) broken.push(`${path} links to ${target}${id && `#${id}`}, which is not there`);
  }
}
for (const line of broken) console.log(line);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(`${rendered.length} pages, ${broken.length} broken links, in ${seconds} s, in ${out}`);
process.exitCode = broken.length > 0 ? 1 : 0;
