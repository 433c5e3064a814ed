// The figures as Markdown.

import { figureOf, ratioOf } from '../kit/figures.mjs';
import { writtenBy } from '../kit/machine.mjs';
import { median } from '../kit/statistics.mjs';
import { alignTable, rounded, toList } from '../kit/table.mjs';
import { ABOUT_BRACKETS, atLeast, atMost, toTargetTable } from '../kit/targets.mjs';
import { BARE, OURS } from './figures.mjs';

/** The most that a task may take, in times of that of BullMQ alone. */
const MOST = 1.25;

const figuresOf = (summaries, event, { name }) => [OURS, BARE].map((who) => figureOf(summaries, event, who, name));
const shown = ({ isRate }, { value }) => (isRate ? 1_000 / value : value);

/** A table for each store: a row for each figure, and how long ours takes in times of BullMQ alone. */
export const toTables = (stores, events, summaries) =>
  stores.map((store) => `## ${store.name}, ${store.about}\n\n${toTable(store, events, summaries)}`).join('\n\n');

function toTable(store, events, summaries) {
  const rows = events
    .filter((event) => event.store === store)
    .flatMap(({ name, cases }) =>
      cases.map((each) => {
        const [ours, bare] = figuresOf(summaries, name, each);
        const ratio = each.name === 'lost' ? undefined : ratioOf(ours, bare, median);
        const text = (figure) => (each.name === 'lost' ? `${Math.round(figure.value)}` : rounded(shown(each, figure)));
        const cells = [ours, bare].map((figure) => (figure === undefined ? '' : text(figure)));
        return [each.title, ...cells, ratio === undefined ? '' : `${rounded(ratio.value)} ×`];
      }),
    );
  return alignTable([['', 'tasker-distributed', 'BullMQ alone', 'ours ÷ BullMQ'], ...rows]);
}

/** What ours is meant to reach. */
export const targetsOf = (events, summaries) =>
  events.flatMap(({ name, store, cases }) =>
    cases.flatMap((each) => {
      const { isRate, isCompared } = each;
      const [ours, bare] = figuresOf(summaries, name, each);
      const goal = store.goals[each.name];
      const what = `${store.name}: ${each.title}`;
      const measured = ours && { value: shown(each, ours) };
      return [
        ...(goal === undefined ? [] : (isRate ? atLeast : atMost)(what, measured, goal)),
        ...(isCompared ? atMost(`${what}: time ÷ that of BullMQ alone`, ratioOf(ours, bare, median), MOST) : []),
      ];
    }),
  );

/** The page `docs/distributed-figures.md`. */
export const toPage = ({ machine, stores, events, summaries, targets, failures }) =>
  `# How fast many machines are

Don't edit it: it is written by the benchmark in [benchmarks/distributed](../benchmarks/distributed).

${writtenBy('npm run bench:distributed -- --write', machine)} Servers, submitter and workers share these cores; all connections are loopback. A task does nothing
and returns its input, a number. _BullMQ alone_ is what one would write without tasker: \`Queue.add\` and \`addBulk\`, a \`Worker\`, and \`waitUntilFinished\`. In
each round both run, in processes of their own, and another one is first. A cell is the median of ${summaries[0]?.rounds ?? 0} rounds. The last column says how
many times the time, or the memory, of BullMQ alone ours takes.

${toTables(stores, events, summaries)}

- **submitted in bulk**: until the store has all.
- **backlog**: a queue that does not get empty, and one worker process, which takes so many tasks at a time.
- **round trip**: from the call until its result is there, through one worker process that takes 10 tasks at a time.
- **of which no event came**: \`waitUntilFinished\` would wait for ever, and gives up here after 2 s; ours looks at the store.

## Targets

${toTargetTable(targets)}

${[ABOUT_BRACKETS, ...(failures.length > 0 ? [toList(failures)] : [])].join('\n\n')}
`;
