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
  const cells = RATIOS.flatMap(([workload, name]) =>
    (summaries.find((summary) => summary.name === workload)?.contestants ?? [])
      .filter((contestant) => contestant !== FLOOR && contestant !== YARDSTICK && !contestant.startsWith(OURS))
      .flatMap((rival) => ahead(workload, name, rival, 1)),
  );
  const ways = summaries.find(({ name }) => name === 'ways') ?? { contestants: [], cases: [] };
  const added = ways.contestants
    .filter((way) => way.startsWith(`${OURS} `))
    .flatMap((way) =>
      ways.cases.flatMap((name) => {
        const [own, plain] = [way, OURS].map((who) => of('ways', who, name));
        if (way !== FAILING) return atMost(`ways, ${name}: ${way} ÷ plain`, ratioOf(own, plain), WAYS);
        const rest = without(own, of('ways', `${FLOOR} failing`, name), of('ways', FLOOR, name));
        return atMost(
          `ways, ${name}: ${way}, less what a failure costs the floor, ÷ plain`,
          ratioOf(rest, plain),
          WAYS,
        );
      }),
    );
  return [
    ...RATIOS.flatMap(([workload, name, goal]) => ahead(workload, name, YARDSTICK, goal)),
    ...closest(cells),
    ...atMost(
      'memory, one function for all: bytes per waiting task',
      of('memory', OURS, 'one function for all'),
      BYTES,
    ),
    ...added,
  ];
}

/** Of the targets about one rival that whose figure is lowest; its cell is named. */
function closest(targets) {
  return [...new Set(targets.map(rivalOf))].map((rival) =>
    targets.filter((target) => rivalOf(target) === rival).reduce((a, b) => (b.value < a.value ? b : a)),
  );
}

const rivalOf = ({ what }) => what.split('÷')[1];

/** A figure less the difference of two others; undefined without all of them. */
function without(figure, more, less) {
  if (figure === undefined || more === undefined || less === undefined) return undefined;
  const samples = Object.entries(figure.samples).map(([round, sample]) => [
    round,
    sample - more.samples[round] + less.samples[round],
  ]);
  return { ...figure, samples: Object.fromEntries(samples), value: figure.value - more.value + less.value };
}
