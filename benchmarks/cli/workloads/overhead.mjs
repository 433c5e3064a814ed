import { expectLines, inFolder, program, taskerRun, timeCommand, writeLines } from '../measure.mjs';

const COUNT = 1_000_000;

/** @type {Record<string, (items: string, out: string) => readonly string[]>} */
const COMMANDS = {
  'tasker run --jsonl FILE': (items, out) => taskerRun('nothing-worker', '--jsonl', items, '--out', out),
  'tasker run --jsonl -': (_, out) => taskerRun('nothing-worker', '--jsonl', '-', '--out', out),
  'the core alone': () => [process.execPath, program('nothing-core'), `${COUNT}`],
  'a loop by hand': (items, out) => [process.execPath, program('nothing-loop'), items, out],
};

export default {
  place: 2,
  title: 'A million items of JSON Lines and a function that does nothing',
  contestants: Object.keys(COMMANDS),
  cases: [
    { name: 'microseconds', unit: 'µs per item', isCompared: true },
    { name: 'megabytes', unit: 'MB' },
  ],
  notes: [
    '_The core alone_ makes a task of each, with 1,000 on their way, and reads and writes nothing. _A loop by hand_ reads lines with `node:readline`, parses, calls, and prints.',
    'A file is read twice: what is malformed is found before anything is run.',
  ],

  measure: (contestant) =>
    inFolder(async (path) => {
      const [items, out] = [path('items.jsonl'), path('out.jsonl')];
      writeLines(items, COUNT, (id) => `{"id":${id}}`);
      const { seconds, megabytes } = await timeCommand(COMMANDS[contestant](items, out), { input: items });
      if (contestant !== 'the core alone') await expectLines(out, COUNT);
      return { microseconds: (seconds / COUNT) * 1e6, megabytes };
    }),
};
