import { describe, expect, test } from 'vitest';
import { codeBlocks, docblockBlocks } from './markdown.ts';

const fenced = (...lines: string[]): string => ['# A page', '', ...lines].join('\n');

describe('the code blocks of a page', () => {
  test('have their language, their lines and the number of the first', () => {
    const blocks = codeBlocks(
      'page.md',
      fenced('```ts', 'a();', '', 'b();', '```', 'text', '~~~sh', 'npm test', '~~~'),
    );
    expect(blocks).toEqual([
      { language: 'ts', lines: ['a();', '', 'b();'], line: 4, marks: {} },
      { language: 'sh', lines: ['npm test'], line: 10, marks: {} },
    ]);
  });

  test('may be indented, as in a list, and hold shorter fences', () => {
    const blocks = codeBlocks('page.md', fenced('- point', '', '  ````ts', '  a();', '  ```', '    b();', '  ````'));
    expect(blocks.map(({ lines }) => lines)).toEqual([['a();', '```', '  b();']]);
  });

  test('may be marked by comments before them', () => {
    const blocks = codeBlocks(
      'page.md',
      fenced(
        '<!-- new program -->',
        '<!-- not run: needs a browser -->',
        '',
        '```ts',
        '```',
        '<!-- fragment: a sketch -->',
        '```ts',
        '```',
      ),
    );
    expect(blocks.map(({ marks }) => marks)).toEqual([
      { isNewProgram: true, notRun: 'needs a browser' },
      { fragment: 'a sketch' },
    ]);
  });

  test.each([
    ['has no reason', ['<!-- fragment -->', '```ts', '```'], 'page.md:3: "fragment" needs a reason'],
    ['has no reason either', ['<!-- not run: -->', '```ts', '```'], 'page.md:3: "not run" needs a reason'],
    [
      'marks no block',
      ['<!-- fragment: a sketch -->', 'text', '```ts', '```'],
      'page.md:3: the comment marks no code block',
    ],
    ['stands at the end', ['<!-- new program -->'], 'page.md:3: the comment marks no code block'],
  ])('are refused if a mark %s', (_, lines, message) => {
    expect(() => codeBlocks('page.md', fenced(...lines))).toThrow(message);
  });

  test('are refused without an end', () => {
    expect(() => codeBlocks('page.md', fenced('```ts', 'a();'))).toThrow('page.md:3: the code block has no end');
  });
});

test('a docblock gives the code that it shows, each a program of its own, and no drawings', () => {
  const source = [
    '/**',
    ' * A thing.',
    ' *',
    ' * ```',
    ' * o──o',
    ' * ```',
    ' *',
    ' * @example',
    ' * ```ts',
    ' * a();',
    ' * ```',
    ' */',
  ];
  expect(docblockBlocks('thing.ts', source.join('\n'))).toEqual([
    { language: 'ts', lines: ['a();'], line: 10, marks: { isNewProgram: true } },
  ]);
});
