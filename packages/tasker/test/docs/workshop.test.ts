import { describe, expect, test } from 'vitest';
import { codeBlocks } from './markdown.ts';
import type { Page } from './pages.ts';
import type { ProgramFile } from './programs.ts';
import { Workshop } from './workshop.ts';

/** What the harness makes of a page: it must see what is wrong, and where. */

function page(text: string, setup: Readonly<Record<string, string>> = {}): Page {
  return { path: 'page.md', text, blocks: codeBlocks('page.md', text), setup: new Map(Object.entries(setup)) };
}

async function withWorkshop<T>(text: string, work: (workshop: Workshop) => Promise<T>, setup = {}): Promise<T> {
  const workshop = await Workshop.make([page(text, setup)]);
  try {
    return await work(workshop);
  } finally {
    await workshop[Symbol.asyncDispose]();
  }
}

const check = (text: string, setup = {}) => withWorkshop(text, (workshop) => workshop.check(), setup);

const run = (text: string, setup = {}) =>
  withWorkshop(
    text,
    async (workshop) => {
      const programs = workshop.programs('page.md');
      const outcomes = await Promise.all(programs.map((program) => workshop.run('page.md', program)));
      return outcomes.map((outcome, at) => ({ ...outcome, program: programs[at] as ProgramFile }));
    },
    setup,
  );

const block = (...lines: string[]): string => ['```ts', ...lines, '```', ''].join('\n');

describe('checking', () => {
  test('says in which line of the page the error is', async () => {
    const errors = await check(block('const a = 1;') + block('', 'const b: string = a;'));
    expect(errors).toEqual([expect.stringMatching(/^page\.md:6: error TS2322/)]);
  });

  test('knows what earlier blocks declare and import, and lets a later one declare it anew', async () => {
    const text = block(`import { join } from 'node:path';`, 'const a = join();') + block('const b: string = a;');
    expect(await check(text + block('const a = 1;', 'const c: number = a;', 'join(b);'))).toEqual([]);
  });

  test('knows what the setup declares, and nothing else', async () => {
    expect(await check(block('given.trim();'), { 'main.ts': `export const given = '';` })).toEqual([]);
    expect(await check(block('given.trim();'))).toEqual([expect.stringContaining('page.md:2: error TS2304')]);
  });

  test('forgets all above where a new program begins', async () => {
    const errors = await check(`${block('const a = 1;')}<!-- new program -->\n${block('a.toFixed();')}`);
    expect(errors).toEqual([expect.stringContaining('page.md:6: error TS2304')]);
  });

  test('takes a name in the first line for a file, in several pieces', async () => {
    const pieces = block('// part.ts', 'export const a = 1;') + block('// part.ts', 'export const b = a;');
    const main = block(`import { b } from './part.js';`, 'const c: number = b;');
    expect(await check(pieces + main)).toEqual([]);
    expect(await check(pieces.replace('= a;', '= d;') + main)).toEqual([expect.stringContaining('page.md:7')]);
  });

  test('checks JavaScript, and what is not run, but no fragment', async () => {
    const text = [
      '```js',
      '// part.mjs',
      'Math.nothing();',
      '```',
      '<!-- not run: why -->',
      block('a;'),
      '<!-- fragment: why -->',
    ];
    const errors = await check([...text, block('…')].join('\n'));
    expect(errors).toEqual([expect.stringContaining('page.md:7'), expect.stringContaining('page.md:3')]);
  });

  test('refuses one name for two things', async () => {
    const text = block(`import { join } from 'node:path';`) + block(`import { join } from './own.js';`);
    await expect(check(text)).rejects.toThrow('page.md: join is imported from node:path and from ./own.js');
  });
});

describe('running', () => {
  test('tells in which block a page fails', async () => {
    const [outcome] = await run(block('const a = 1;') + block(`throw new Error('it failed');`));
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/in the block at page\.md:5[\s\S]*it failed/),
    });
  });

  test('hears of a rejection that nobody handles', async () => {
    const [outcome] = await run(block(`void Promise.reject(new Error('late'));`));
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('late') });
  });

  test('hears of a promise that never settles', async () => {
    const [outcome] = await run(block('await new Promise(() => {});'));
    expect(outcome?.code).not.toBe(0);
  });

  test('leaves out what is not run, and a fragment', async () => {
    const text = `<!-- not run: why -->\n${block('process.exit(1);')}\n<!-- fragment: why -->\n${block('process.exit(2);')}`;
    expect(await run(text)).toEqual([]);
  });

  test('knows what a comment promises to be printed', async () => {
    const [outcome] = await run(block('console.log(1 + 1); // → 2', 'console.log(3); // prose'));
    expect(outcome).toMatchObject({ code: 0, stdout: '2\n3\n', program: { prints: ['2'] } });
  });

  test('ends what the setup began', async () => {
    const setup = `const timer = setInterval(() => {}, 1e6); export function end() { clearInterval(timer); }`;
    const [outcome] = await run(block('console.log(1);'), { 'main.ts': setup });
    expect(outcome).toMatchObject({ code: 0, stdout: '1\n' });
  });
});
