import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where what is in the repository is in the site. Paths are relative to the repository, with `/`. */

export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url));

const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { repository: { url: string } };
export const ADDRESS: string = manifest.repository.url.replace(/^git\+|\.git$/g, '');

/** Pages of the project itself, which are beside this folder. */
const OF_THE_PROJECT = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

/** What VitePress is to overlook, as it looks for pages in the whole repository: all that has no place here. */
export const NO_PAGES: string[] = ['!(docs|packages)/**', 'README.md', 'packages/tasker/**', 'packages/*/*/**'];

/** The place of a page in the site, such as `guides/rates.md`; undefined if it has none. */
export function placeOf(path: string): string | undefined {
  if (path === 'README.md') return 'index.md'; // they say the same
  if (OF_THE_PROJECT.includes(path)) return path.toLowerCase();
  const name = /^packages\/([^/]+)\/README\.md$/.exec(path)?.[1];
  const page = name === undefined ? /^docs\/(.*\.md)$/.exec(path)?.[1] : `packages/${name}.md`;
  return page?.replace(/(^|\/)README\.md$/, '$1index.md');
}

/**
 * Where a link of a page leads in the site. Pages link to files of the repository, so that they can be read there; what is no page of the
 * site is shown by the repository. Throws for what does not exist.
 */
export function targetOf(link: string, page: string): string {
  if (/^([a-z]+:|#)/.test(link)) return link;
  const [, file = '', rest = ''] = /^([^?#]*)(.*)$/.exec(link) ?? [];
  const path = posix.join(posix.dirname(page), decodeURI(file)).replace(/\/$/, '');
  const full = join(REPOSITORY, path);
  if (!existsSync(full)) throw new Error(`${page}: nothing is at ${link}`);
  const isFolder = statSync(full).isDirectory();
  const place = placeOf(isFolder && existsSync(join(full, 'README.md')) ? `${path}/README.md` : path);
  if (place !== undefined) return `/${place}${rest}`;
  return `${ADDRESS}/${isFolder ? 'tree' : 'blob'}/main/${path}${rest}`;
}

/** The anchor of a heading, as GitHub has it: links must lead to the same on both. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');

/** The path of a file in the repository. */
export const pathOf = (file: string): string => relative(REPOSITORY, file).replaceAll('\\', '/');
