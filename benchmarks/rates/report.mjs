// The results as Markdown.

import { packageOf, withVersion } from '../kit/contestants.mjs';
import { alignTable, thousands, toList } from '../kit/table.mjs';
import { toTargetTable } from '../kit/targets.mjs';
import { apis } from './apis.mjs';
import { moduleOf } from './contestants.mjs';
import { summarize, targetsOf } from './judge.mjs';

const percent = (value) => `${(value * 100).toFixed(1)} %`;
const count = (value) => thousands(Math.round(value));
const seconds = (ms) => (ms === Infinity ? '**never**' : `${(ms / 1_000).toFixed(1)} s`);

/** `97.9 % (98.1 %)`: the worst, and the median where it differs. */
function both({ worst, median }, format) {
  const [text, other] = [format(worst), format(median)];
  return text === other ? text : `${text} (${other})`;
}

/** The cells of a row that tell of one load. */
function cellsOf({ failure, runs }) {
  if (failure !== undefined) return [`**${failure}**`, '', '', ''];
  const { share, refused, lost, left, took } = summarize(runs);
  const rest = left.worst > 0 ? `, ${count(left.worst)} left` : '';
  return [both(share, percent), both(refused, count), both(lost, count), `${both(took, seconds)}${rest}`];
}

/** One API: a row for each contestant, four columns for each load. */
function toTable(results) {
  const head = results.flatMap(({ load }) => [`${load.title}: done ÷ allowed`, 'refused', 'lost', 'ended after']);
  const names = results[0].rows.map(({ contestant }) => contestant);
  return alignTable([
    ['', ...head],
    ...names.map((name) => [
      withVersion(name),
      ...results.flatMap(({ rows }) => cellsOf(rows.find(({ contestant }) => contestant === name))),
    ]),
  ]);
}

/** A table for each API that takes part, under its title. */
export const toTables = (results, heading = '') =>
  apis
    .map(({ name, title }) => ({ title, own: results.filter(({ api }) => api.name === name) }))
    .filter(({ own }) => own.length > 0)
    .map(({ title, own }) => `${heading}${title[0].toUpperCase()}${title.slice(1)}\n\n${toTable(own)}`)
    .join('\n\n');

export const toTargets = (results) => toTargetTable(targetsOf(results));

/** Real time beside virtual time, of one cell each. */
export function toRealTable(virtual, real) {
  return alignTable([
    [virtual.name, 'time', 'done ÷ allowed', 'refused', 'lost', 'ended after'],
    ...virtual.rows.flatMap((row, index) => [
      [withVersion(row.contestant), 'virtual', ...cellsOf(row)],
      ['', 'real', ...cellsOf(real.rows[index])],
    ]),
  ]);
}

const describeRate = ({ rate }) =>
  rate === undefined ? 'none' : `${rate.limit} in ${thousands(rate.interval)} ms, burst ${rate.burst}`;

const REMARKS = [
  'bottleneck looks every 250 ms whether its reservoir is due, by `Date.now()`. When a timer that was late is followed by one that is not, only 249 ms have passed, and the reservoir is filled 250 ms later. That is so in real time, too; `minTime` alone, as for the sliding log, has no such gaps. Its retries ask neither `minTime` nor the reservoir, so that they are refused together.',
  'p-throttle spaces calls by whole milliseconds when it is `strict`, 11 ms here. limiter hands out one token at a time by timers that are late, and lateness adds up; a `burst` of 2 keeps that from tasker.',
  'p-throttle and limiter limit no concurrency, p-queue and bottleneck do as tasker does.',
  'The share of the API whose rate is unknown says little, since a window of 5 s is a large part of the time. What counts is how often it is asked in vain, and that nothing is lost.',
];

/** The page `docs/rates-figures.md`. */
export async function toPage({ date, node, seeds, results }) {
  const names = results[0].rows.map(({ contestant }) => contestant);
  const modules = await Promise.all(names.map(moduleOf));
  const each = (text) => toList(names.map((name, index) => `**${withVersion(name)}**: ${text(modules[index])}.`));
  return `# Rate-limited APIs, and who keeps to their rates

Written by \`npm run bench:rates\` on ${date}, with Node ${node}. Don't edit it.

Models of four APIs, and two loads: 3,000 tasks at once, and a Poisson process of 150 tasks a second for 80 s, which is more than any
of the APIs lets through. A task is one call. The call takes 15 ms and now and then more there (exponential, 5 ms in the mean), 10 ms
of work, and as long back as there: 50 ms in the mean. A refused call costs the API nothing. Seeds ${seeds.join(', ')}: the worst, and in
brackets the median.

- **done ÷ allowed**: when the API could have let every task through, and the time of a call later, so many of them it had.
- **refused**: calls answered by 429.
- **lost**: tasks that failed in the end.
- **ended after**: when the last task had succeeded or failed, from the first one on; **never** after ten minutes more than the load.

${toTables(results, '## ')}

## What tasker is meant to reach

The worst seed decides.

${toTargets(results)}

## What was set

A contestant knows what the documentation of the API says, and no more: not when a window begins. All who spread or count calls
were given the same rate, lower than that of an API which counts in windows, since calls that are held up on the way arrive in company:

${alignTable([['API', '`rate` of tasker'], ...apis.map((api) => [api.title, describeRate(api)])])}

${each(({ settings }) => settings)}

A call that is refused although the rate is known comes without \`Retry-After\`. The rivals have no retries, bottleneck apart, so
${packageOf('p-retry')} sends it again, after 1 s, 2 s, 4 s …, at most ten times. The reasons for all settings are in
[benchmarks/rates/contestants](../benchmarks/rates/contestants).

## When the rate is not known

What each does with \`Retry-After\`:

${each(({ unknown }) => unknown)}

Remarks:

${toList(REMARKS)}

## Time

Time is virtual, by ${packageOf('@sinonjs/fake-timers')} for all contestants alike: timers are as exact as Node's, counted in
whole milliseconds and up to 1 ms late, and computing takes no time. \`npm run bench:rates -- --real\` runs a cell in real time
beside it.
`;
}
