// Runs tasker-distributed and BullMQ alone on each store, and prints what they reach. Needs `redis-server`.
//
//   WORD …          only the stores with one of these in their name: redis, postgresql, pglite
//   --rounds N      instead of 5
//   --write         a whole run writes docs/distributed-figures.md

import { parseArgs } from 'node:util';
import { runChild, takeTurns } from '../kit/contest.mjs';
import { summarize } from '../kit/figures.mjs';
import { describeMachine } from '../kit/machine.mjs';
import { positive } from '../kit/options.mjs';
import { writePage } from '../kit/pages.mjs';
import { median } from '../kit/statistics.mjs';
import { toTargetTable } from '../kit/targets.mjs';
import { eventsOf } from './figures.mjs';
import { targetsOf, toPage, toTables } from './report.mjs';
import { stores as allStores } from './stores.mjs';

const ROUNDS = 5;
/** Who has got nowhere in so many ms hangs. */
const TIME_LIMIT = 120_000;

const { values: options, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, write: { type: 'boolean' } },
});
const rounds = positive('rounds', options.rounds, ROUNDS);
const stores = allStores.filter(
  ({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word)),
);
if (stores.length === 0) throw new Error(`no store is called ${words.join(' or ')}`);

const machine = describeMachine();
const events = stores.flatMap(eventsOf);
const places = new Map();
try {
  for (const { name, open } of stores) places.set(name, await open());
  const { runs, failures } = await takeTurns(events, rounds, ({ what, store }, contestant) => {
    const { name, isShared, backlog, inFlight, waiting } = store;
    const argument = { what, contestant, url: places.get(name).url(contestant), isShared, backlog, inFlight, waiting };
    return runChild(new URL('child.mjs', import.meta.url), argument, { timeLimit: TIME_LIMIT, flags: ['--expose-gc'] });
  });
  const summaries = summarize(events, runs, median);
  const targets = targetsOf(events, summaries);
  console.log(`${toTables(stores, events, summaries)}\n\n${toTargetTable(targets)}`);
  for (const failure of failures) console.error(failure);
  if (options.write && words.length === 0) {
    writePage('docs/distributed-figures.md', toPage({ machine, stores, events, summaries, targets, failures }));
  }
} finally {
  for (const place of places.values()) await place.remove();
}
