import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../../../docs/decisions', import.meta.url));
const files = readdirSync(folder).filter((name) => /^\d/.test(name));

const titleOf = (file: string): string => readFileSync(join(folder, file), 'utf8').split('\n', 1)[0] ?? '';

test.each(files)('%s has a number of its own, and a title that begins with it', (file) => {
  const number = file.slice(0, 4);
  expect(titleOf(file)).toMatch(new RegExp(`^# ${number}: \\S`));
  expect(files.filter((other) => other.startsWith(number))).toEqual([file]);
});

test('the index lists every decision with its title, in order', () => {
  const index = readFileSync(join(folder, 'README.md'), 'utf8');
  const listed = index.split('\n').filter((line) => line.startsWith('- '));
  expect(listed).toEqual(
    files.toSorted().map((file) => `- [${file.slice(0, 4)}](${file}): ${titleOf(file).slice('# 0000: '.length)}`),
  );
});
