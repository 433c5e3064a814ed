// What tasker is meant to reach. Nothing fails when it does not: a table tells.

import { figureOf, ratioOf } from '../kit/figures.mjs';
import { atLeast, atMost } from '../kit/targets.mjs';
import { FLOOR, OURS, YARDSTICK } from './contestants.mjs';

/** The throughput of the yardstick that is to be reached: workload, case, part. */
const RATIOS = [
  ['once', '1,000', 0.95],
  ['once', '10,000', 1],
  ['once', '100,000', 1.2],
  ['once', '1,000,000', 1.5],
  ['loop', '1', 0.6],
  ['loop', '64', 0.9],
  ['loop', '4,096', 1.4],
];
const BYTES = 410;
const WAYS = 1.5;
/** An error costs V8 more than all of a task, whoever runs it. */
const FAILING = `${OURS} failing`;

/** The targets whose figures are there. */
export function judge(summaries) {
  const of = (workload, contestant, name) => figureOf(summaries, workload, contestant, name);
  /** The throughput of tasker as a multiple of a rival's. */
  const ahead = (workload, name, rival, goal) => {
    const measured = ratioOf(of(workload, rival, name), of(workload, OURS, name));
    return atLeast(`${workload}, ${name}: throughput ÷ ${rival}'s`, measured, goal);
  };
  const contestantsOf = (workload) => summaries.find(({ name }) => name === workload)?.contestants ?? [];
  const rivals = contestantsOf('once')
    .concat(contestantsOf('loop'))
    .filter((name) => ![FLOOR, YARDSTICK].includes(name));
  const closest = [...new Set(rivals)]
    .filter((rival) => !rival.startsWith(OURS))
    .map((rival) => RATIOS.flatMap(([workload, name]) => ahead(workload, name, rival, 1)))
    .flatMap((targets) => targets.toSorted((a, b) => a.value - b.value).slice(0, 1));
  /** What is added costs a multiple of the plain way. */
  const added = (way, name) => {
    const [own, plain, floor, failing] = [way, OURS, FLOOR, `${FLOOR} failing`].map((who) => of('ways', who, name));
    return way === FAILING
      ? atMost(
          `ways, ${name}: ${way}, less what a failure costs the floor, ÷ plain`,
          ratioOf(without(own, failing, floor), plain),
          WAYS,
        )
      : atMost(`ways, ${name}: ${way} ÷ plain`, ratioOf(own, plain), WAYS);
  };
  const { cases = [] } = summaries.find(({ name }) => name === 'ways') ?? {};
  const slowest = contestantsOf('ways')
    .filter((way) => way.startsWith(`${OURS} `) && !way.endsWith(' off'))
    .map((way) => cases.flatMap((name) => added(way, name)))
    .flatMap((targets) => targets.toSorted((a, b) => b.value - a.value).slice(0, 1));
  return [
    ...RATIOS.flatMap(([workload, name, goal]) => ahead(workload, name, YARDSTICK, goal)),
    ...closest,
    ...atMost(
      'memory, one function for all: bytes per waiting task',
      of('memory', OURS, 'one function for all'),
      BYTES,
    ),
    ...slowest,
  ];
}

/** A figure less the difference of two others; undefined without all of them. */
function without(figure, more, less) {
  if (figure === undefined || more === undefined || less === undefined) return undefined;
  const samples = Object.entries(figure.samples).map(([round, sample]) => [
    round,
    sample - more.samples[round] + less.samples[round],
  ]);
  return { ...figure, samples: Object.fromEntries(samples), value: figure.value - more.value + less.value };
}
