import { readFileSync } from 'node:fs';
import { expectLines, inFolder, isInstalled, program, taskerRun, timeCommand, writeLines } from '../measure.mjs';

const COUNT = 2_000;
const WORKERS = 8;
const PORTION = COUNT / WORKERS;

const command = [process.execPath, program('resource-command')];

/** @type {Record<string, (items: string) => readonly string[]>} */
const COMMANDS = {
  'tasker run': (items) => taskerRun('resource-worker', '--workers', `${WORKERS}`, '--lines', items),
  'xargs -P 8 -n 1': () => ['xargs', '-P', `${WORKERS}`, '-n', '1', ...command],
  'parallel -j 8': () => ['parallel', '--will-cite', '-j', `${WORKERS}`, ...command],
  'xargs -P 8 -n 250': () => ['xargs', '-P', `${WORKERS}`, '-n', `${PORTION}`, ...command],
};

/** Whoever starts a process for each item makes the resource as often. */
export default {
  place: 1,
  title: `2,000 items, 5 ms each, with a resource that takes 100 ms to make; 8 at a time`,
  most: 1,
  contestants: Object.keys(COMMANDS),
  cases: [
    { name: 'seconds', unit: 's', isCompared: true },
    { name: 'resources', unit: 'resources made' },
    { name: 'processes', unit: 'processes' },
  ],
  notes: ['`xargs -n 250` gives each process an eighth of the items, if the command can take many.'],

  measure: (contestant) =>
    inFolder(async (path) => {
      if (contestant.startsWith('parallel') && !isInstalled('parallel', 'GNU parallel')) {
        throw new Error('GNU parallel is not installed: `apt-get install parallel`');
      }
      const [items, output, made] = [path('items.txt'), path('output.jsonl'), path('made.txt')];
      writeLines(items, COUNT, String);
      const { seconds } = await timeCommand(COMMANDS[contestant](items), { input: items, output, env: { MADE: made } });
      await expectLines(output, COUNT);
      const makers = readFileSync(made, 'utf8').split('\n').slice(0, -1);
      return { seconds, resources: makers.length, processes: new Set(makers).size };
    }),
};
