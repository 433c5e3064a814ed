import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from './fixture.ts';
import { run } from './run.ts';

it('the documents of the project become a site without a broken link', async () => {
  const out = await makeFolder({});
  const { code, stdout, stderr } = await run('markdown-site.ts', { args: ['--out', out] });
  expect(stdout).toMatch(/^\d+ pages, 0 broken links, in .* s, in /m);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(await readFile(join(out, 'index.html'), 'utf8')).toContain('<title>tasker</title>');
  expect(await readFile(join(out, 'docs/index.html'), 'utf8')).toContain('href="guides/scaling.html"');
});

it('the site links its pages, takes along what they show, and tells what is not there', async () => {
  const folder = await makeFolder({
    'README.md':
      '# The <start>\n\n[two](docs/two.md#a-place), [all](docs), ![](docs/logo.svg), [web](https://example.org)\n\n' +
      '<a href="docs/two.md#html"><img src="docs/logo.svg"></a>',
    'docs/two.md':
      '## A place\n\n[back](../README.md) [gone](gone.md) [nowhere](#nowhere) [out](../../secret.txt) <a id="html"></a>',
    'docs/node_modules/package/README.md': '[gone](gone.md)',
    'docs/logo.svg': '<svg/>',
  });
  const out = join(folder, 'site');
  const { code, stdout, stderr } = await run('markdown-site.ts', { args: [folder, '--out', out] });
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout.split('\n').filter((line) => line.includes('not there'))).toEqual([
    'docs/two.md links to docs/gone.md, which is not there',
    'docs/two.md links to docs/two.md#nowhere, which is not there',
    'docs/two.md links to ../secret.txt, which is not there',
  ]);
  expect(stdout).toContain('3 pages, 3 broken links');
  const start = await readFile(join(out, 'index.html'), 'utf8');
  const links = [...start.matchAll(/(?:href|src)="(.*?)"/g)].map(([, link]) => link);
  expect(links).toEqual([
    'index.html',
    'docs/two.html#a-place',
    'docs/index.html',
    'docs/logo.svg',
    'https://example.org',
    'docs/two.html#html',
    'docs/logo.svg',
  ]);
  expect(await readFile(join(out, 'docs/two.html'), 'utf8')).toContain('<h2 id="a-place">A place</h2>');
  expect(await readFile(join(out, 'docs/index.html'), 'utf8')).toContain('<a href="two.html">two.md</a>');
  expect(await readFile(join(out, 'docs/logo.svg'), 'utf8')).toBe('<svg/>');
});
