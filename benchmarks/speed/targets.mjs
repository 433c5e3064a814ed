// What tasker is meant to reach. Nothing fails when it does not: a table tells.

import { figureOf } from './summary.mjs';

const GLUED = 'p-queue+generic-pool';
const MANY = '1,000,000';
const FEW = '10,000';
const AHEAD_IN = ['once', 'loop', 'concurrency'];

/** `{ what, goal, value, isMet }` for each target whose figures are there. */
export function judge(summaries) {
  const of = (workload, contestant, name) =>
    figureOf(
      summaries.find((summary) => summary.name === workload),
      contestant,
      name,
    );

  /** The throughput of tasker as a multiple of a rival's. */
  const throughput = (workload, name, rival, goal) =>
    atLeast(`${workload}, ${name}: throughput ÷ ${rival}'s`, of(workload, rival, name)?.toTasker, goal);
  const toFloor = (workload, name, goal) =>
    atMost(`${workload}, ${name}: time ÷ floor's`, of(workload, 'tasker', name)?.toFloor, goal);
  /** How much more a task takes among many than among few, beside how much more it takes the floor. */
  const growth = (workload, many, few) => {
    const [above, below] = [many, few].map((name) => of(workload, 'tasker', name)?.toFloor);
    return atMost(`${workload}, ${many}: growth of the time from ${few} ÷ floor's`, divided(above, below), 1.25);
  };
  /** What the built-in collector costs. */
  const metrics = (workload, name) =>
    atMost(
      `${workload}, ${name}: time ÷ with a collector that does nothing`,
      divided(1, of(workload, 'tasker-noop-collector', name)?.toTasker),
      1.25,
    );
  const heap = (name) => [
    atMost(`memory, ${name}: heap ÷ floor's`, of('memory', 'tasker', name)?.toFloor, 1.5),
    atLeast(`memory, ${name}: p-queue's heap ÷ tasker's`, of('memory', 'p-queue', name)?.toTasker, 1),
  ];

  return [
    throughput('once', '100,000', 'fastq', 1),
    throughput('once', '100,000', GLUED, 2.2),
    toFloor('once', '100,000', 1.6),
    throughput('loop', '64', 'fastq', 1),
    throughput('loop', '64', GLUED, 5),
    toFloor('loop', '64', 1.6),
    growth('once', MANY, FEW),
    growth('priorities', `1,000, ${MANY} tasks`, `1,000, ${FEW} tasks`),
    growth('cancel', MANY, FEW),
    ...heap('one function for all'),
    ...heap('a function for each'),
    metrics('once', '100,000'),
    metrics('loop', '64'),
    ...aheadOfAll(summaries.filter(({ name }) => AHEAD_IN.includes(name))),
  ].filter(({ value }) => value !== undefined);
}

const divided = (a, b) => (a === undefined || b === undefined ? undefined : a / b);
const atMost = (what, value, goal) => ({ what, goal: `≤ ${goal}`, value, isMet: value <= goal });
const atLeast = (what, value, goal) => ({ what, goal: `≥ ${goal}`, value, isMet: value >= goal });

/** One target for each rival: its closest case. */
function aheadOfAll(summaries) {
  const figures = summaries.flatMap(({ name, figures }) => figures.map((figure) => ({ ...figure, workload: name })));
  const rivals = new Set(
    figures.map(({ contestant }) => contestant).filter((name) => name !== 'floor' && !name.startsWith('tasker')),
  );
  return [...rivals].map((rival) => {
    const own = figures.filter(({ contestant }) => contestant === rival);
    const closest = own.reduce((a, b) => (b.toTasker < a.toTasker ? b : a));
    const what = `${closest.workload}, ${closest.case}, the closest of ${own.length}: throughput ÷ ${rival}'s`;
    return atLeast(what, closest.toTasker, 1);
  });
}
