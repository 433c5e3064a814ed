import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Folder, tasker } from './support/command.ts';
import { TerminalCommand } from './support/terminal.ts';

/** `tasker init` as it is started from a shell; what it writes is run in `templates.test.ts`. Needs `npm run build` first. */

const NAMES = ['thumbs', 'http', 'sql', 'browser', 'llm'];

const [UP, DOWN, ENTER, CTRL_C] = ['\x1b[A', '\x1b[B', '\r', '\x03'];

/** All that is in a folder, sorted. */
const contentOf = ({ path }: Folder): string[] => (readdirSync(path, { recursive: true }) as string[]).toSorted();

/** Has a folder look as if a package were installed in it. */
function install(folder: Folder, name: string): void {
  mkdirSync(join(folder.path, 'node_modules', name), { recursive: true });
  folder.write(join('node_modules', name, 'package.json'), '{}');
}

describe('tasker init TEMPLATE', () => {
  test('writes the files, and says what to type, what comes of it and what to change', async () => {
    const folder = new Folder();
    const { code, stdout, stderr } = await tasker(['init', 'http'], { cwd: folder.path });
    expect(stdout).toBe(`Written: http-demo.mjs, http.mjs, urls.txt

Try it:
  npm install tasker-cli
  npx tasker run http.mjs --lines urls.txt --out pages.jsonl
  npx tasker report pages.jsonl

pages.jsonl has a line for each page. The pages are of a demo site, http-demo.mjs.

Make it yours:
  your pages        full URLs in urls.txt, one a line
  how fast          \`rate\` in http.mjs, or --rate 5/s
  after Ctrl-C      the same command with --resume
  to run all again  delete pages.jsonl
`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(contentOf(folder)).toEqual(['http-demo.mjs', 'http.mjs', 'urls.txt']);
  });

  test('writes into the folder of --dir, which it makes', async () => {
    const folder = new Folder();
    const { code, stdout } = await tasker(['init', 'http', '--dir', 'my jobs/http'], { cwd: folder.path });
    expect(stdout).toContain("Try it:\n  cd 'my jobs/http'\n  npm install tasker-cli\n");
    expect(code).toBe(0);
    expect(contentOf(folder)).toContain('my jobs/http/http.mjs');
  });

  test('names for npm install only what is not installed there or above', async () => {
    const folder = new Folder();
    install(folder, 'tasker-cli');
    const first = await tasker(['init', 'sql'], { cwd: folder.path });
    expect(first.stdout).toContain('\n  npm install pg @electric-sql/pglite\n');
    install(folder, 'playwright');
    const second = await tasker(['init', 'browser', '--dir', 'pages'], { cwd: folder.path });
    expect(second.stdout).toContain('Try it:\n  cd pages\n  npx tasker run browser.mjs');
  });

  test('has a browser downloaded, if its package is not there', async () => {
    const { stdout } = await tasker(['init', 'browser'], { cwd: new Folder().path });
    const steps = '  npm install tasker-cli playwright\n  npx playwright install chromium\n  npx tasker run';
    expect(stdout).toContain(steps);
  });

  test('all templates fit into one folder', async () => {
    const folder = new Folder();
    for (const name of NAMES) expect(await tasker(['init', name], { cwd: folder.path })).toMatchObject({ code: 0 });
  });
});

describe('what is there is never overwritten', () => {
  test('a file: it is named, and no other is written', async () => {
    const folder = new Folder();
    folder.write('urls.txt', 'mine');
    const { code, stdout, stderr } = await tasker(['init', 'http'], { cwd: folder.path });
    expect(stderr).toBe(
      'error: nothing was written: urls.txt is there already (--dir FOLDER writes into another folder)\n',
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(contentOf(folder)).toEqual(['urls.txt']);
    expect(folder.read('urls.txt')).toBe('mine');
  });

  test('several files, all of which are named', async () => {
    const folder = new Folder();
    folder.write('urls.txt', 'mine');
    folder.write('http.mjs', 'mine');
    const { stderr } = await tasker(['init', 'http'], { cwd: folder.path });
    expect(stderr).toContain('http.mjs, urls.txt are there already');
  });

  test('a link to nowhere', async () => {
    const folder = new Folder();
    symlinkSync('elsewhere', join(folder.path, 'urls.txt'));
    const { code, stderr } = await tasker(['init', 'http'], { cwd: folder.path });
    expect(stderr).toContain('urls.txt is there already');
    expect(code).toBe(2);
    expect(contentOf(folder)).toEqual(['urls.txt']);
  });

  test('a file where a folder has to be: what was written before is gone again', async () => {
    const folder = new Folder();
    folder.write('pages', 'mine');
    const { code, stderr } = await tasker(['init', 'browser'], { cwd: folder.path });
    expect(stderr).toMatch(/^error: nothing was written: .*pages/);
    expect(code).toBe(2);
    expect(contentOf(folder)).toEqual(['pages']);
  });
});

describe('without a template that there is, the templates are listed, and it ends with 2', () => {
  const list = NAMES.map((name) => expect.stringMatching(new RegExp(`^  ${name} +\\S`)));
  const wrong: [what: string, args: string[], message: string][] = [
    ['a misspelt one', ['thmubs'], 'error: there is no template thmubs, did you mean thumbs?'],
    ['one that is like none', ['kubernetes'], 'error: there is no template kubernetes'],
    ['none, and no terminal to ask on', [], 'error: name a template: tasker init TEMPLATE'],
  ];
  test.each(wrong)('%s', async (_what, args, message) => {
    const folder = new Folder();
    const { code, stdout, stderr } = await tasker(['init', ...args], { cwd: folder.path });
    expect(stderr.split('\n')).toEqual([message, '', ...list, '']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(contentOf(folder)).toEqual([]);
  });
});

describe('on a terminal it asks for the template', () => {
  test('that is chosen with the arrow keys', async () => {
    const folder = new Folder();
    const terminal = new TerminalCommand(['init'], 60, folder.path);
    expect(await terminal.shows(/└/)).toEqual([
      '│',
      '◆  What should run for each item?',
      '│  ● thumbs   thumbnails of photos, by sharp',
      '│  ○ http     pages of a list of URLs, by fetch',
      '│  ○ sql      rows of a CSV file into PostgreSQL',
      '│  ○ browser  screenshots of pages, by Playwright',
      "│  ○ llm      an LLM's answer to each record",
      '│  ↑/↓ to navigate • Enter: confirm',
      '└',
    ]);
    terminal.type(DOWN);
    await terminal.shows(/● http/);
    terminal.type(DOWN);
    await terminal.shows(/● sql/);
    terminal.type(UP + ENTER);
    expect(await terminal.end()).toBe(0);
    expect((await terminal.lines()).join('\n')).toContain('npx tasker run http.mjs');
    expect(contentOf(folder)).toContain('http.mjs');
  });

  test('Ctrl-C writes nothing, and ends with 130', async () => {
    const folder = new Folder();
    const terminal = new TerminalCommand(['init'], 80, folder.path);
    await terminal.shows(/● thumbs/);
    terminal.type(CTRL_C);
    expect(await terminal.end()).toBe(130);
    expect((await terminal.lines()).at(-1)).toBe('Nothing was written.');
    expect(contentOf(folder)).toEqual([]);
  });

  test('but not on one without a width', async () => {
    const terminal = new TerminalCommand(['init'], 0, new Folder().path);
    expect(await terminal.end()).toBe(2);
    expect(terminal.raw).toContain('error: name a template');
  });
});

test('--help lists the templates', async () => {
  const { code, stdout } = await tasker(['init', '--help']);
  for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
  expect(code).toBe(0);
});
