import { readFileSync, truncateSync } from 'node:fs';
import { expectLines, inFolder, taskerRun, timeCommand, writeLines } from '../measure.mjs';

const FEW = 10_000;
const MANY = 1_000_000;

async function run(path, count, ...flags) {
  const [items, out] = [path('items.jsonl'), path('out.jsonl')];
  writeLines(items, count, (id) => `{"id":${id}}`);
  const command = taskerRun('nothing-worker', '--jsonl', items, '--out', out, ...flags);
  const figures = await timeCommand(command);
  await expectLines(out, count);
  return { ...figures, command, out };
}

/** Half of the last line is gone, as after a crash. */
async function resume(path) {
  const { command, out } = await run(path, MANY);
  truncateSync(out, readFileSync(out).length - 20);
  const figures = await timeCommand([...command, '--resume']);
  await expectLines(out, MANY);
  return figures;
}

/** @type {Record<string, (path: (name: string) => string) => Promise<{ seconds: number, megabytes: number }>>} */
const MEASURES = {
  '10,000 items': (path) => run(path, FEW),
  '10,000 items, `--once`': (path) => run(path, FEW, '--once'),
  '`--resume` with 999,999 lines done, 1 to do': resume,
};

export default {
  place: 4,
  title: 'What `--once` and `--resume` cost, with a function that does nothing',
  contestants: Object.keys(MEASURES),
  cases: [
    { name: 'seconds', unit: 's' },
    { name: 'megabytes', unit: 'MB' },
  ],
  notes: ['With `--once` the disk has an entry before each item begins.'],

  measure: (contestant) =>
    inFolder(async (path) => {
      const { seconds, megabytes } = await MEASURES[contestant](path);
      return { seconds, megabytes };
    }),
};
