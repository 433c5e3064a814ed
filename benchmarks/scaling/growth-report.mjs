// What comes of "growth must pay", as Markdown.

import { alignTable, thousands } from '../kit/table.mjs';
import { judgeGrowth, judgeOrdinary, median, responseOf } from './growth.mjs';
import { capping } from './laws.mjs';

const percent = (value) => `${(value * 100).toFixed(0)} %`;
const times = (value) => (value === Infinity ? 'never' : value.toFixed(2));
const FORMATS = { throughput: percent, running: times, cost: times, response: times, open: thousands };

/** `97 % ≥ 93 % ok` */
function cell(figure, { value, limit, atLeast, verdict }) {
  const format = FORMATS[figure];
  if (verdict === undefined) return format(value);
  if (limit === 0) return verdict === 'ok' ? 'none' : `${format(value)} **MISSED**`;
  return `${format(value)} ${atLeast ? '≥' : '≤'} ${format(limit)} ${verdict === 'ok' ? 'ok' : '**MISSED**'}`;
}

const COLUMNS = {
  throughput: 'throughput ÷ best',
  running: 'running ÷ knee',
  cost: 'cost ÷ without',
  response: 'p99 response ÷ without',
  open: 'open at the end',
};

/** One row for each load: the best number, what is reached without the rule, and with it beside the limits. */
export function toGrowth(results) {
  const rows = [['load', 'best', 'knee', 'without', ...Object.values(COLUMNS)]];
  for (const { load, runs } of results) {
    const cells = judgeGrowth(load, runs);
    const of = (figure) => median(runs.map(figure));
    const without = judgeGrowth(load, runs, 'unpaid');
    rows.push([
      load.title,
      ...(load.bottleneck
        ? [
            `${of(({ best }) => best.throughput).toFixed(0)}/s`,
            of(({ best }) => best.knee).toFixed(0),
            `${percent(without.throughput.value)} at ${of(({ laws }) => laws.unpaid.running).toFixed(0)}`,
          ]
        : ['–', '–', '–']),
      ...Object.keys(COLUMNS).map((figure) => (figure in cells ? cell(figure, cells[figure]) : '–')),
    ]);
  }
  return alignTable(rows);
}

/** One row for each load, one column for each way to cap: throughput ÷ best · p99 response ÷ without. Medians. */
export function toLimiters(results) {
  const rows = [['load', ...capping.map(({ title }) => title)]];
  for (const { load, runs } of results) {
    rows.push([
      load.title,
      ...capping.map(({ name }) => {
        const { throughput, response } = judgeGrowth(load, runs, name);
        return [throughput && percent(throughput.median), times(response.median)].filter(Boolean).join(' · ');
      }),
    ]);
  }
  return alignTable(rows);
}

/** The same for the ordinary loads: p99 response ÷ without. */
export function toOrdinary(results) {
  const rows = [['load', ...capping.map(({ title }) => title)]];
  for (const { load, runs } of results) {
    rows.push([load.title, ...capping.map(({ name }) => times(responseOf(runs, name)))]);
  }
  return alignTable(rows);
}

/** One row for each way to cap, over all loads. */
export function toSummary(results) {
  const [ordinary, overload] = splitResults(results);
  const [shared, others] = [
    overload.filter(({ load }) => load.bottleneck),
    overload.filter(({ load }) => !load.bottleneck),
  ];
  const rows = [
    [
      '',
      'throughput ÷ best: mean',
      'least',
      'p99 response ÷ without: ordinary loads, mean',
      'most',
      'at the maximum, mean',
      'most',
    ],
  ];
  for (const { name, title } of capping) {
    const reached = shared.map(({ load, runs }) => judgeGrowth(load, runs, name).throughput.median);
    const responses = (some) => some.map(({ runs }) => responseOf(runs, name));
    const [calm, high] = [responses(ordinary), responses(others)];
    rows.push([
      title,
      percent(mean(reached)),
      percent(Math.min(...reached)),
      ...[geometricMean(calm), Math.max(...calm), geometricMean(high), Math.max(...high)].map(times),
    ]);
  }
  return alignTable(rows);
}

const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;
const geometricMean = (values) => Math.exp(mean(values.map(Math.log)));

/** What was missed, one a line. */
export function growthVerdict(results) {
  const [ordinary, overload] = splitResults(results);
  const missed = overload.flatMap(({ load, runs }) =>
    Object.entries(judgeGrowth(load, runs))
      .filter(([, { verdict }]) => verdict === 'MISSED')
      .map(([figure, each]) => `MISSED: ${load.name}, ${COLUMNS[figure]}: ${cell(figure, each).replaceAll('*', '')}`),
  );
  if (ordinary.length > 0 && judgeOrdinary(ordinary).verdict === 'MISSED')
    missed.push(`MISSED: ${ordinaryLine(ordinary)}`);
  return missed;
}

/** That the rule does not make itself felt on the ordinary loads, in a line. */
export function ordinaryLine(ordinary) {
  const { different, worst, count } = judgeOrdinary(ordinary);
  const except = different.length > 0 ? `, on ${different.join(', ')} it does` : '';
  return `On ${count - different.length} of ${count} ordinary loads "growth must pay" changes nothing${except}; p99 response ÷ without: ${times(worst)} at most`;
}

/** The ordinary loads, and those above what the workers can do. */
export const splitResults = (results) => [
  results.filter(({ load }) => load.overload === undefined),
  results.filter(({ load }) => load.overload !== undefined),
];

/** Its part of the page. */
export function toGrowthPart(results) {
  const [ordinary, overload] = splitResults(results);
  return `## Growth must pay

Loads above what the workers can do: calm for 20 s (24/s), then above it for a minute, unless a load says otherwise, then calm again
until all that has piled up is done. At a **bottleneck** that all tasks share, more workers bring nothing, or less than
nothing: the models are in [bottlenecks.mjs](../benchmarks/scaling/bottlenecks.mjs). On the last loads there is none, and
only more workers than there may be would help.

- **best**: tasks per second of the best fixed number of running tasks, from 1 to as many as the workers have places; the **knee** is the
  fewest that reach 98 % of it, and at least the places of the base workers.
- **without**: the same library with \`growthMustPay: false\`; throughput ÷ best, and how many run.
- **throughput ÷ best**: while the load is above it; the worst run. **running ÷ knee**: the mean of how many run in that time; the
  median of the runs, as is what follows.
- **cost ÷ without**: worker-seconds. **p99 response**: of 100 tasks, 99 ended within that time after they had come.
- **open at the end**: tasks that had come a second before the end and had not begun by then; the worst run.

${toGrowth(overload)}

${ordinaryLine(ordinary)}.

### Beside limiters

The limiters that are published cap how many tasks run while tasker's own law, without "growth must pay", makes the workers: a gate before
\`queueTask()\`, see [limiters](../benchmarks/scaling/limiters). Throughput ÷ best · p99 response ÷ that without a limit, medians.

${toLimiters(overload)}

On the ordinary loads, p99 response ÷ that without a limit:

${toOrdinary(ordinary)}

All together; means of responses are geometric:

${toSummary(results)}`;
}
