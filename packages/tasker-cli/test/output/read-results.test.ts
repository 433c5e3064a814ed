import { expect, test } from 'vitest';
import { parseResults } from '../../src/output/read-results.ts';

const LINE =
  '{"index":0,"input":"a","ok":true,"result":1,"attempts":1,"waitMs":0.2,"runMs":12.5,"finishedAt":1764000000000}';

async function read(...chunks: string[]): Promise<{ indexes: number[]; half: number[] }> {
  async function* text(): AsyncGenerator<string> {
    yield* chunks;
  }
  const indexes: number[] = [];
  const half: number[] = [];
  for await (const results of parseResults(text(), 'out.jsonl', (line) => half.push(line))) {
    indexes.push(...results.map(({ index }) => index));
  }
  return { indexes, half };
}

test('half a last line is told and passed over; a whole one counts without its end', async () => {
  expect(await read(`${LINE}\n{"index":1,"inp`)).toEqual({ indexes: [0], half: [2] });
  expect(await read(`${LINE}\n{"ind`, 'ex":1,"ok":false}')).toEqual({ indexes: [0, 1], half: [] });
  expect(await read('')).toEqual({ indexes: [], half: [] });
});

test('a line that is no result is refused with its number, anywhere', async () => {
  const bad = [
    '{"index":1,"inp',
    '7',
    'null',
    '{"ok":true}',
    '{"index":-1,"ok":true}',
    '{"index":1,"ok":1}',
    '{"index":1,"ok":false,"error":"no"}',
    '{"index":1,"ok":true,"runMs":"7"}',
    '{"index":1,"ok":true,"runMs":1e999}',
    '{"index":1,"ok":true,"attempts":0.5}',
  ];
  for (const line of bad) {
    await expect(read(`${LINE}\n\n${line}\n`)).rejects.toThrow('out.jsonl:3: this line is not a result of tasker run');
  }
  await expect(read('{"index":1,"ok":1}')).rejects.toThrow('out.jsonl:1: this line is not a result');
});
