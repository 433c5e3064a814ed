import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { memoryStore, postgresStore, redisStore } from '../support/stores.ts';
import type { TestStore } from '../support/stores.ts';
import { deathOfServer, deathOfWorker } from './figures/deaths.ts';
import type { Figure } from './figures/figure.ts';
import { massacreEvery5s, memory, trips } from './figures/loads.ts';
import { cancel, kill, scaleUp } from './figures/reactions.ts';
import { commitLate } from './late-commit.ts';

/**
 * `npm run faults:distributed -- [--stores redis,postgres,pglite] [--tasks 100000] [--seed 1] [--only WORDS] [--write]`: what the tests of this folder
 * do, at full size and with the times that it takes. `--write` puts the table into docs/distributed-faults.md.
 */
const { values } = parseArgs({
  options: {
    stores: { type: 'string', default: 'redis,postgres,pglite' },
    tasks: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const tasks = Number(values.tasks);
const seed = Number(values.seed);

type Step = readonly [name: string, run: (store: TestStore) => Promise<Figure>];

/** What a server can suffer; the last one leaves it slow. */
const ofServers = (cancelLimit: number): readonly Step[] => [
  ['trips', ({ url }) => trips(url, 10_000, 50, '')],
  ['worker', (store) => deathOfWorker(store, 5_000, 1_000, 7_000)],
  ['worker', (store) => deathOfWorker(store, 15_000, 5_000, 21_000)],
  ['server', deathOfServer],
  ['scale-up', ({ url }) => scaleUp(url)],
  ['kill', ({ url }) => kill(url)],
  ['cancel', ({ url }) => cancel(url, cancelLimit)],
  ['massacre', ({ url }) => massacreEvery5s(url, tasks, seed)],
  ['memory', ({ url }) => memory(url, tasks)],
];

const STORES: Record<string, readonly [make: () => Promise<TestStore>, steps: readonly Step[]]> = {
  redis: [redisStore, ofServers(500)],
  postgres: [
    postgresStore,
    [
      ...ofServers(1_500),
      [
        'late',
        async ({ url }) => {
          await commitLate(url, { every: 20, seconds: 0.1 });
          return trips(url, 10_000, 50, ', of whose transactions some commit late');
        },
      ],
    ],
  ],
  pglite: [
    memoryStore,
    [
      ['trips', ({ url }) => trips(url, 2_000, 20, '')],
      ['scale-up', ({ url }) => scaleUp(url)],
      ['kill', ({ url }) => kill(url)],
    ],
  ],
};

const load = loadavg()[0]?.toFixed(1);
const rows: string[] = [];
for (const name of values.stores.split(',')) {
  const found = STORES[name];
  if (found === undefined) throw new Error(`no such store: ${name}`);
  const [make, steps] = found;
  const store = await make();
  try {
    for (const [step, run] of steps) {
      if (!step.includes(values.only)) continue;
      const figure = await run(store);
      const row = `| ${name} | ${figure.fault} | ${figure.target} | ${figure.isReached ? '' : '**missed**: '}${figure.found} |`;
      console.log(row);
      rows.push(row);
      if (!figure.isReached) process.exitCode = 1;
    }
  } finally {
    await store.remove();
  }
}

const PAGE = new URL('../../../../docs/distributed-faults.md', import.meta.url);

if (values.write) {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `Node ${process.versions.node} on ${availableParallelism()} cores, whose load was ${load} before`;
  writeFileSync(
    PAGE,
    `# What many machines suffer

Written by \`npm run faults:distributed -- --write\` on ${date}, with ${machine}. Don't edit it.

Real servers, on the loopback interface, and real processes that are killed. What the tests of
[packages/tasker-distributed/test/faults](../packages/tasker-distributed/test/faults) do at a smaller size and without the times, this does in full.

| store | fault | target | found |
| --- | --- | --- | --- |
${rows.join('\n')}
`,
  );
}
