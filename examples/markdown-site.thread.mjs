// Runs in threads. The renderer is made once for each of them, and kept.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { Marked } from 'marked';
import { getHeadingList, gfmHeadingId, resetHeadings } from 'marked-gfm-heading-id';

const STYLE = `:root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border: 1px solid #8886; padding: 0.2rem 0.6rem; text-align: left }
code { font-size: 0.9em } pre { background: #8882; padding: 1rem; overflow-x: auto } img { max-width: 100% }`;

/**
 * @param {{ root: string, out: string, pages: readonly string[] }} site the folder of the pages, that of the site, and
 * the paths of the pages, such as `docs/a.md`
 */
export function onCreate({ root, out, pages }) {
  return { root, out, pages: new Set(pages), marked: new Marked(gfmHeadingId()) };
}

/**
 * Writes a page, and gives what links may lead to in it, and where its own links lead.
 *
 * @this {import('tasker/threads').ThreadCall<ReturnType<typeof onCreate>>}
 * @param {string} path
 * @param {string} [text] of a page that is no file
 */
export function render(path, text) {
  const { root, out, pages, marked } = this.state; // oxlint-disable-line oxc/no-this-in-exported-function
  /** @type {{ path: string, id: string }[]} */
  const links = [];
  resetHeadings();
  const rendered = marked.parse(text ?? readFileSync(join(root, path), 'utf8'), { async: false });
  const headings = getHeadingList();
  const body = rendered.replace(/\b(href|src)="(?!\w+:|\/\/)([^"]*)"/g, (_, attribute, href) => {
    const [file, id = ''] = decoded(href).split('#');
    let target = file ? posix.join(posix.dirname(path), file) : path;
    const start = posix.join(target, 'README.md');
    if (pages.has(start)) target = start; // the link is to a folder
    links.push({ path: target, id });
    return `${attribute}="${encodeURI(posix.relative(posix.dirname(path), htmlOf(target, pages)))}${id && `#${id}`}"`;
  });
  const title = headings[0]?.text.replace(/<.*?>/g, '') ?? path;
  const home = posix.relative(posix.dirname(path), 'index.html');
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style>
<nav><a href="${home}">Home</a></nav>\n${body}</html>\n`;
  const file = join(out, htmlOf(path, pages));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, html);
  return {
    path,
    bytes: Buffer.byteLength(html),
    ids: [...body.matchAll(/\bid="([^"]*)"/g)].map(([, id = '']) => id),
    links,
  };
}

/**
 * @param {string} path
 * @param {ReadonlySet<string>} pages
 */
function htmlOf(path, pages) {
  return pages.has(path) ? path.replace(/(README)?\.md$/, (_, start) => (start ? 'index.html' : '.html')) : path;
}

/**
 * The address as it was written, if it is no proper one.
 * @param {string} href
 */
function decoded(href) {
  try {
    return decodeURI(href);
  } catch {
    return href;
  }
}
