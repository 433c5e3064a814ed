import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from './pages.ts';

/** Each code has a page in `docs/errors`, as `help` of the errors says, and its messages are those of the sources. */

const PAGES = 'docs/errors';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');

/** The sources of a package, one text. */
const sources = (name: string): string =>
  readdirSync(join(repositoryRoot, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => read(join('packages', name, 'src', path)))
    .join('\n');

const packages = readdirSync(join(repositoryRoot, 'packages'));
const allSources = packages.map(sources).join('\n');
const withoutComments = allSources.replaceAll(/\/\*[\s\S]*?\*\//g, '');

/** The literals of each union of codes, such as `ThreadErrorCode`. */
const codes = [...withoutComments.matchAll(/^export type \w+ErrorCode =([^;]*);/gm)].flatMap(([, union = '']) =>
  [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code),
);

const files = readdirSync(join(repositoryRoot, PAGES)).filter((name) => name !== 'README.md');
const index = read(`${PAGES}/README.md`);

describe('the pages of errors', () => {
  test('are one for each code, and none for what is no code', () => {
    expect(codes.length).toBeGreaterThan(25);
    const pages = files.filter((file) => /^[A-Z_]+\.md$/.test(file)).map((file) => file.slice(0, -'.md'.length));
    expect(pages.toSorted()).toEqual(codes.toSorted());
  });

  test.each(codes)('begin with the code and its messages: %s', (code) => {
    const page = existsSync(join(repositoryRoot, PAGES, `${code}.md`)) ? read(`${PAGES}/${code}.md`) : '';
    expect(page.startsWith(`# ${code}\n\n\`\`\`text\n`)).toBe(true);
  });

  test.each(files)('are in the index: %s', (file) => {
    expect(index).toContain(`](${file})`);
  });
});

test('the messages in the index are made of words that the sources have, or that a page prints', () => {
  const [table = ''] = index.split('\n## ').filter((section) => section.includes('| message'));
  const messages = [...table.matchAll(/^\| (.*?) +\| \[/gm)].map(([, message = '']) => message);
  expect(messages.length).toBeGreaterThan(codes.length);
  const printed = files.flatMap((file) =>
    [...read(`${PAGES}/${file}`).matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text),
  );
  const text = [allSources, ...printed].join('\n');
  const strange = messages.filter((message) =>
    message
      .replace(/^task … /, '')
      .split('…')
      .map((part) => part.trim())
      .some((part) => !text.includes(part)),
  );
  expect(strange).toEqual([]);
});
