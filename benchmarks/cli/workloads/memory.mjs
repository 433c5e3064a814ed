import { expectLines, inFolder, taskerRun, timeCommand, writeLines } from '../measure.mjs';

const HEAP = ['--max-old-space-size=48'];

const RUNS = {
  '10,000 lines': { count: 10_000, flags: HEAP },
  '1,000,000 lines': { count: 1_000_000, flags: HEAP },
  '10,000,000 lines': { count: 10_000_000, flags: HEAP },
  '10,000,000 lines, no limit': { count: 10_000_000, flags: [] },
};

export default {
  place: 3,
  title: 'Memory of `tasker run --jsonl FILE --out FILE`, with a heap of 48 MB',
  most: 1,
  contestants: Object.keys(RUNS),
  cases: [
    { name: 'megabytes', unit: 'MB at most', isCompared: true },
    { name: 'seconds', unit: 's' },
  ],
  notes: ['Of the process, Node itself included. Without a limit V8 collects later.'],

  measure: (contestant) =>
    inFolder(async (path) => {
      const { count, flags } = RUNS[contestant];
      const [items, out] = [path('items.jsonl'), path('out.jsonl')];
      writeLines(items, count, (id) => `{"id":${id}}`);
      const { seconds, megabytes } = await timeCommand(taskerRun('nothing-worker', '--jsonl', items, '--out', out), {
        flags,
      });
      await expectLines(out, count);
      return { seconds, megabytes };
    }),
};
