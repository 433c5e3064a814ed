import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CsvSource } from '../../src/input/csv.ts';
import { GlobSource } from '../../src/input/globs.ts';
import type { Source } from '../../src/input/item.ts';
import { Items } from '../../src/input/items.ts';
import { JsonlSource } from '../../src/input/jsonl.ts';
import { readLines } from '../../src/basics/read-lines.ts';
import { LinesSource } from '../../src/input/lines.ts';
import { Input } from '../../src/input/open-input.ts';
import { Folder } from '../support/command.ts';

/** Values and lines of a source, and what was malformed. */
async function readAll(source: Source): Promise<{ entries: [unknown, number | undefined][]; bad: string[] }> {
  const entries: [unknown, number | undefined][] = [];
  const bad: string[] = [];
  for await (const portion of source.read((problem) => bad.push(problem.message))) {
    for (const { value, line } of portion) entries.push([value, line]);
  }
  return { entries, bad };
}

const input = (content: string | Uint8Array, name = 'items'): Input => new Input(new Folder().write(name, content));

async function* chunks(): AsyncGenerator<string> {
  yield 'on';
  yield 'e\ntw';
  yield 'o\r';
  yield '\n\u2028three\u2029';
}

describe('lines', () => {
  test.each(['\n', '\r\n'])('blank ones are passed over, and count', async (end) => {
    const { entries } = await readAll(new LinesSource(input(['a', '', '  ', ' b ', 'c'].join(end))));
    expect(entries).toEqual([
      ['a', 1],
      [' b ', 4],
      ['c', 5],
    ]);
  });

  test('a line, and a character, may be spread over chunks', async () => {
    const lines = [];
    for await (const portion of readLines(chunks(), 'items')) lines.push(...portion.map(({ text }) => text));
    expect(lines).toEqual(['one', 'two', '\u2028three\u2029']);
    const text = 'ä€😀'.repeat(50_000);
    expect((await readAll(new LinesSource(input(text)))).entries).toEqual([[text, 1]]);
  });

  test('a byte order mark is no part of the first, and .gz is decompressed', async () => {
    expect((await readAll(new LinesSource(input('\uFEFFa\nb')))).entries.map(([value]) => value)).toEqual(['a', 'b']);
    expect((await readAll(new LinesSource(input(gzipSync('a\nb'), 'x.gz')))).entries).toHaveLength(2);
  });

  test('what is not UTF-8 is told once, and becomes a replacement character', async () => {
    const latin1 = Buffer.from('name\nMüller\nWeiß\n', 'latin1');
    const told = expect.stringMatching(/items: it is not UTF-8, somewhere from byte 0 to 17; convert it/);
    for (const [source, values] of [
      [new LinesSource(input(latin1)), ['name', 'M\uFFFDller', 'Wei\uFFFD']],
      [
        new CsvSource(input(latin1), { delimiter: ',', hasLines: false }),
        [{ name: 'M\uFFFDller' }, { name: 'Wei\uFFFD' }],
      ],
    ] as const) {
      const { entries, bad } = await readAll(source);
      expect(entries.map(([value]) => value)).toEqual(values);
      expect(bad).toEqual([told]);
    }
  });

  test('a compressed file that is cut short is told', async () => {
    const cut = gzipSync('a\n'.repeat(1_000)).subarray(0, -10);
    await expect(readAll(new LinesSource(input(cut, 'x.gz')))).rejects.toThrow(/x\.gz: cannot be read: unexpected end/);
  });
});

test('JSON lines give values; what is malformed has its file and line', async () => {
  const { entries, bad } = await readAll(new JsonlSource(input('{"a":1}\n\n[\nnull\n')));
  expect(entries).toEqual([
    [{ a: 1 }, 1],
    [null, 4],
  ]);
  expect(bad).toEqual([expect.stringMatching(/items:3: this line is not valid JSON: /)]);
});

async function* endlessLine(): AsyncGenerator<Buffer> {
  yield Buffer.from('a\n1\n');
  for (let i = 0; i < 129; i++) yield Buffer.alloc(2 ** 20, 'x');
}

test('a line that is too long for a string of its result is refused, whatever comes behind', async () => {
  const endless = { name: 'endless', isRepeatable: false, checked: endlessLine, text: endlessLine } as unknown as Input;
  await expect(readAll(new LinesSource(endless))).rejects.toThrow(
    'endless:3: this line is longer than 134,217,728 char',
  );
  await expect(readAll(new CsvSource(endless, { delimiter: ',', hasLines: true }))).rejects.toThrow(
    /^endless:3: this is not valid CSV: Max Record Size/,
  );
});

const nested = (depth: number): string => '{"a":'.repeat(depth - 1) + '[]' + '}'.repeat(depth - 1);

test('JSON that is nested too deeply to be written again is malformed', async () => {
  const { entries, bad } = await readAll(new JsonlSource(input(`${nested(1_000)}\n${nested(1_001)}\n`)));
  expect(entries).toHaveLength(1);
  expect(bad).toEqual([expect.stringMatching(/items:2: .* it is nested deeper than 1000 levels/)]);
});

const csv = (content: string, delimiter: string, hasLines = true): CsvSource =>
  new CsvSource(input(content), { delimiter, hasLines });

describe('CSV', () => {
  test('gives objects by the header, quotes and other delimiters included', async () => {
    const { entries, bad } = await readAll(csv('\uFEFFa\tb\n"x\n""y"""\t1\n\n2\t\n', '\t'));
    expect(entries).toEqual([
      [{ a: 'x\n"y"', b: '1' }, 3],
      [{ a: '2', b: '' }, 5],
    ]);
    expect(bad).toEqual([]);
  });

  test.each([true, false])(
    'tells records that have other fields than the header, with their lines',
    async (hasLines) => {
      const { entries, bad } = await readAll(csv('a,b\n1\n2,3\n4,5,6\n', ',', hasLines));
      expect(entries).toEqual([[{ a: '2', b: '3' }, hasLines ? 3 : undefined]]);
      expect(bad).toEqual([expect.stringMatching(/items:2: /), expect.stringMatching(/items:4: /)]);
    },
  );

  test('refuses a header that names a column twice', async () => {
    await expect(readAll(csv('a,b,a\n1,2,3\n', ','))).rejects.toThrow(/items:1: the header names the column "a" twice/);
  });
});

describe('globs', () => {
  test('give each path once, sorted, of whichever pattern', async () => {
    const folder = new Folder();
    mkdirSync(join(folder.path, 'deep'));
    const paths = ['b.txt', 'deep/c.txt', 'a.txt'].map((name) => folder.write(name, ''));
    const source = new GlobSource([join(folder.path, '**/*.txt'), paths[2] ?? '', join(folder.path, 'b.*')]);
    expect((await readAll(source)).entries.map(([path]) => path)).toEqual(paths.toSorted());
  });

  test('that match nothing, and folders, are refused', async () => {
    const { path } = new Folder();
    const long = `${path}/{${'x,'.repeat(300)}y}`;
    await expect(readAll(new GlobSource([long]))).rejects.toThrow(/matches no file$/);
    await expect(readAll(new GlobSource([`${path}/*.txt`]))).rejects.toThrow(/matches no file$/);
    await expect(readAll(new GlobSource([`${path}/a.txt`]))).rejects.toThrow(/cannot be read: no such file$/);
    await expect(readAll(new GlobSource([path]))).rejects.toThrow(/is a folder; for the files in it write '.*\/\*\*'$/);
  });
});

const letters = (): Source => new LinesSource(input('a\nb\nbad\nc\nd\n'));
const check = (value: unknown): void => {
  if (value === 'bad') throw new Error('no good');
};

const read = async (options: Partial<ConstructorParameters<typeof Items>[1]>): Promise<[number, unknown][]> => {
  const items: [number, unknown][] = [];
  const all = new Items(letters(), { onBadInput: 'skip', limit: Infinity, seed: undefined, check, ...options });
  for await (const portion of all.read(() => {})) for (const { index, value } of portion) items.push([index, value]);
  return items;
};

describe('items', () => {
  test('are numbered in the order of the input', async () => {
    expect(await read({})).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
      [3, 'd'],
    ]);
  });

  test('keep their numbers in another order', async () => {
    const shuffled = await read({ seed: 3 });
    expect(shuffled).not.toEqual(await read({}));
    expect(shuffled.toSorted(([a], [b]) => a - b)).toEqual(await read({}));
  });

  test('are no more than the limit', async () => {
    expect(await read({ limit: 2 })).toEqual((await read({})).slice(0, 2));
    expect(await read({ limit: 0 })).toEqual([]);
    expect(await read({ limit: 2, seed: 3 })).toEqual((await read({ seed: 3 })).slice(0, 2));
  });

  test('end at what is malformed, unless that is to be passed over or beyond the limit', async () => {
    await expect(read({ onBadInput: 'fail' })).rejects.toThrow(
      /items:3: no good \(--on-bad-input skip passes over it\)$/,
    );
  });
});
