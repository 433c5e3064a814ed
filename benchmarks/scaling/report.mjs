// The results as Markdown.

import { packageOf } from '../kit/contestants.mjs';
import { median } from '../kit/statistics.mjs';
import { alignTable, thousands } from '../kit/table.mjs';
import { judge, violationsOf } from './judge.mjs';
import { sizing } from './laws.mjs';

/** Three digits, and no more zeros than that needs. */
const round = (value) =>
  value < 0.0005 ? '0' : value < 999.5 ? String(Number(value.toPrecision(3))) : value.toFixed(0);
const ms = (value) => {
  if (value === undefined) return '–';
  if (value === Infinity) return 'never';
  return value < 9_999.5 ? `${thousands(Math.round(value))} ms` : `${round(value / 1_000)} s`;
};
const plain = (value) => round(value);

const FORMATS = { wait: ms, drained: ms, recovered: ms, overOracle: plain, overSeed: plain, creations: plain };
const WORDS = { drained: 'drained in ', recovered: 'recovered in ' };

/** `33 ms (31 ms) ≤ 90 ms ok`: the worst, the median, the limit. */
function cell({ as, worst, median: middle, limit, verdict }) {
  const format = FORMATS[as];
  const figures = `${WORDS[as] ?? ''}${format(worst)}${worst === middle ? '' : ` (${format(middle)})`}`;
  if (limit === undefined) return figures;
  const note = { ok: 'ok', MISSED: '**MISSED**', least: 'ok, the least possible' }[verdict];
  return `${figures} ≤ ${format(limit)} ${note}`;
}

const line = (label, text, limit) => `  ${label.padEnd(28)} ${text}${limit === undefined ? '' : ` (limit ${limit})`}`;

/** The figures of one run, one a line; the limit, where the load has one, beside it. */
export function toLines({ title, limits }, figures) {
  return [
    title,
    line('p99 wait', ms(figures.wait), limits.wait && ms(limits.wait)),
    ...(figures.waits === undefined ? [] : [line('the same for each priority', figures.waits.map(ms).join(' · '))]),
    line('cost', `${round(figures.cost)} worker-seconds`),
    ...(figures.overOracle === undefined
      ? []
      : [line("cost ÷ the oracle's", plain(figures.overOracle), limits.overOracle)]),
    line('creations', plain(figures.creations), limits.creations),
    line('of these never used', plain(figures.unused)),
    line('most resources at once', plain(figures.peak)),
    ...(figures.back === undefined ? [] : [line('back at the base workers in', ms(figures.back))]),
    line('last task ended at', ms(figures.drained)),
    ...toOverloadLines(figures),
    ...(figures.recovered === undefined ? [] : [line('first creation after outage', ms(figures.recovered))]),
    ...figures.violations.map((violation) => line('BROKEN', violation)),
  ].join('\n');
}

/** What is asked only above the load that the workers can do. */
function toOverloadLines({ throughput, best, running, open, response }) {
  if (throughput === undefined) return [];
  return [
    line('in the overload a second', `${round(throughput)} tasks`),
    ...(best === undefined
      ? []
      : [line('the best fixed number', `${round(best.throughput)} tasks at ${best.size}, the knee at ${best.knee}`)]),
    line('running in the overload', round(running)),
    line('p99 response', ms(response)),
    line('open at the end', plain(open)),
  ];
}

/** One row for each load: what tasker reached, beside the limits. */
export function toTable(results) {
  const rows = [
    ['load', 'p99 wait', 'cost ÷ oracle', 'cost ÷ seed law', 'creations', 'never used', 'peak', 'back at base'],
  ];
  for (const { load, runs } of results) {
    const { wait, overOracle, overSeed, creations } = judge(load, runs);
    const worst = (figure) => Math.max(...runs.map((run) => run.laws.tasker[figure]));
    rows.push([
      load.title,
      ...[wait, overOracle, overSeed, creations].map(cell),
      plain(worst('unused')),
      `${worst('peak')} of ${load.config.maxWorkerCount}`,
      load.calm === undefined ? '–' : ms(worst('back')).replace('never', 'not by the end'),
    ]);
  }
  return alignTable(rows);
}

/** One row for each load, one column for each law: medians of p99 wait, cost ÷ oracle and creations. */
export function toRivals(results) {
  const rows = [['load', 'always full', ...sizing.map(({ title }) => title)]];
  for (const { load, runs } of results) {
    const of = (figure) => median(runs.map(figure));
    const cells = sizing.map(({ name }) =>
      [
        ms(of((run) => run.laws[name].wait)),
        plain(of((run) => run.laws[name].overOracle)),
        plain(of((run) => run.laws[name].creations)),
      ].join(' · '),
    );
    const full = (load.config.maxWorkerCount * load.horizon) / 1_000;
    rows.push([
      load.title,
      `${ms(of((run) => run.oracle.wait))} · ${plain(full / of((run) => run.oracle.cost))}`,
      ...cells,
    ]);
  }
  return alignTable(rows);
}

/** The p99 wait of each priority, the highest first, where a load has several. */
export function toPriorities(results) {
  const mixed = results.filter(({ runs }) => runs[0].oracle.waits);
  const rows = [['load', 'always full', ...sizing.map(({ title }) => title)]];
  for (const { load, runs } of mixed) {
    const of = (pick) =>
      runs[0].oracle.waits.map((_, index) => ms(median(runs.map((run) => pick(run)[index])))).join(' · ');
    rows.push([
      load.title,
      of(({ oracle }) => oracle.waits),
      ...sizing.map(({ name }) => of((run) => run.laws[name].waits)),
    ]);
  }
  return alignTable(rows);
}

/** What was missed, one a line; nothing if all is well. */
export function toVerdict(results) {
  return results.flatMap(({ load, runs }) =>
    Object.entries(judge(load, runs))
      .filter(([, { verdict }]) => verdict === 'MISSED')
      .map(([figure, each]) => `MISSED: ${load.name}, ${figure}: ${cell(each).replaceAll('*', '')}`),
  );
}

/** What was broken, one a line. */
export const toBroken = (results) =>
  results.flatMap(({ load, runs }) => violationsOf(load, runs)).map((each) => `BROKEN: ${each}`);

/** The page `docs/scaling-figures.md`, with its last part. */
export function toPage({ date, node, seeds, results }, part) {
  const limited = results.filter(({ load }) => Object.keys(load.limits).length > 0);
  const others = results.filter(({ load }) => Object.keys(load.limits).length === 0);
  return `# How the number of workers follows the load

Written by \`npm run bench:scaling\` on ${date}, with Node ${node} and ${packageOf('d3-random')}. Don't edit it.

The real manager on a virtual clock, seeds ${seeds.join(', ')}: the worst, and in brackets the median. All laws meet the same tasks.
Unless a load says otherwise: 4 base workers, at most 32; a task takes 50 ms in the mean (exponential), so that the base
workers can do 80 a second, which is 100 %; a creation takes 70 to 130 ms, a destruction 20 ms; arrivals are a Poisson process.

- **p99 wait**: of 100 tasks, 99 waited no longer.
- **cost**: worker-seconds up to the end of the load; a resource counts from when its creation begins until its destruction ends.
- **oracle**: knows the future. Has the waits of a pool that is always full, makes each worker exactly when it is needed,
  and keeps it through a gap only if that is cheaper. It costs less than 1 × if tasks wait instead.
- **seed law**: that of the Go original, see [laws/seed.mjs](../benchmarks/scaling/laws/seed.mjs).
- **creations**: begun after the start, failed ones included; **never used**: made for nothing.
- **back at base**: from when the base workers suffice again and earlier tasks are done.

${toTable(limited)}

The same without limits, to see that the law is not made for those loads:

${toTable(others)}

## Beside other laws

Medians of p99 wait · cost ÷ oracle · creations. The laws are in [benchmarks/scaling/laws](../benchmarks/scaling/laws).

${toRivals(results)}

By priority, the p99 wait of the high one first:

${toPriorities(results)}

Remarks:

- In the jungle a creation takes longer than the whole burst. tasker makes none, so that its cost is that of the base
  workers: the least possible. What the seed law costs depends on whether one of its ticks falls into a burst.
- With creations of 1 to 3 s \`idleTimeout\` is 10 s by itself, and within 10 s the calm load uses a fifth worker now and
  then. So that one stays.
- The seed law waits little since it goes to the limit, or beyond it, whenever anything runs, and stays there.

${part}
`;
}
