import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from './fixture.ts';
import { run } from './run.ts';

it('takes photos, and makes thumbnails of them that fit into a square', async () => {
  const folder = await makeFolder({});
  const { code, stdout, stderr } = await run('thumbnails.ts', { args: [folder] });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/photo-3\.jpg' +│ '240 × 320'/);
  expect(stdout).toMatch(/^4 thumbnails in .* s, in /m);
  const sizes = await Promise.all([1, 2, 3, 4].map((photo) => sizeOf(join(folder, `photo-${photo}.jpg`))));
  expect(sizes).toEqual(['2000 × 1500', '2000 × 1500', '1500 × 2000', '2000 × 1500']);
  const small = await Promise.all([1, 2, 3, 4].map((photo) => sizeOf(join(folder, `thumbnails/photo-${photo}.jpg`))));
  expect(small).toEqual(['320 × 240', '320 × 240', '240 × 320', '320 × 240']);
});

/** The size that is written in the frame header of a baseline JPEG. */
async function sizeOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  expect(bytes.readUInt16BE(0)).toBe(0xffd8);
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  return `${bytes.readUInt16BE(frame + 7)} × ${bytes.readUInt16BE(frame + 5)}`;
}
