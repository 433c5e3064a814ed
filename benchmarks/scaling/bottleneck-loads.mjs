// Loads above what the workers can do: at a bottleneck that they share, where more of them bring nothing or less than nothing, and
// at the maximum for another reason, where nothing but more of them would help. The fields are those of loads.mjs, and:
//
// - bottleneck: a model of bottlenecks.mjs
// - overload: from when to when the load is above it; there throughput and running tasks are counted
// - limits: throughput ÷ that of the best fixed number of workers, at least, in the worst run; running tasks ÷ the knee, at most, in
//   the median; worker-seconds and p99 response ÷ those without "growth must pay", at most, in the median. No load may leave tasks
//   open at its end.

import { poisson } from './arrivals.mjs';
import { changingCores, convoy, cores, database, scalability, thrashing } from './bottlenecks.mjs';
import { exponential, logNormal, pareto, shift } from './random.mjs';

/** Tasks per second in calm times: 30 % of what the base workers can do. */
const CALM = 24;

/** Calm for 20 s, a minute of so many tasks per second, calm again. */
const minuteOf = (rate) => ({
  arrivals: poisson((second) => (second >= 20 && second < 80 ? rate : CALM), rate),
  overload: { from: 20_000, to: 80_000 },
  horizon: 180_000,
  calm: 80_000,
});

const THRASHING = thrashing(8, 0.05);

/** More than the workers can do, and nothing that they share. */
const AT_THE_MAXIMUM = { ...minuteOf(700), limits: { response: 1.06 } };

/** Tasks of 20 ms for 5 s, of 100 ms for the next 5 s, by the instant of their arrival. */
const alternating = (source) => {
  const samplers = [exponential(20)(source), exponential(100)(source)];
  return (now) => samplers[Math.floor(now / 5_000) % 2]();
};

/** The mean doubles in the course of the overload. */
const drifting = (source) => {
  const sample = exponential(1)(source);
  return (now) => sample() * 50 * (1 + Math.min(1, Math.max(0, (now - 20_000) / 60_000)));
};

export const bottleneckLoads = [
  {
    ...minuteOf(300),
    name: 'cores-8',
    title: '8 cores, 300/s',
    bottleneck: cores(8),
    limits: { throughput: 0.97, running: 1.6, cost: 0.55 },
  },
  {
    ...minuteOf(300),
    name: 'cores-8-shared',
    title: '8 cores, 300/s, 4 tasks per worker, 2 to 8 workers',
    bottleneck: cores(8),
    config: { workerCount: 2, maxWorkerCount: 8, burstInterval: 100, tasksPerWorker: 4 },
    limits: { throughput: 0.97, running: 1.6 },
  },
  {
    ...minuteOf(250),
    name: 'database',
    title: '60 % of each task on a database of 4 cores, 250/s',
    bottleneck: database(0.6, 4),
    limits: { throughput: 0.97, running: 1.35 },
  },
  {
    ...minuteOf(200),
    name: 'thrashing',
    title: '8 cores, each further task costs 5 % of the whole, 200/s',
    bottleneck: THRASHING,
    limits: { throughput: 0.93, running: 1.3 },
  },
  {
    ...minuteOf(200),
    name: 'convoy',
    title: 'lock convoy: fine to 8, from 16 on 40 %, 200/s',
    bottleneck: convoy(8, 16, 0.4),
    limits: { throughput: 0.93, running: 1.3 },
  },
  {
    name: 'thrashing-spike',
    title: 'the 5 % one, 100/s steady and 2,000 at once',
    arrivals: (source, horizon) => {
      const steady = poisson(100)(source, horizon);
      return [...steady, ...Array.from({ length: 2_000 }, () => 20_000)].toSorted((a, b) => a - b);
    },
    bottleneck: THRASHING,
    overload: { from: 20_000, to: 140_000 },
    horizon: 200_000,
    limits: { throughput: 0.93 },
  },
  {
    ...minuteOf(170),
    name: 'scalability',
    title: 'USL, contention .05, coherency .005, 170/s',
    bottleneck: scalability(0.05, 0.005),
    limits: { throughput: 0.88 },
  },
  {
    name: 'changing-cores',
    title: 'cores 8, 3 from 40 s, 12 from 70 s; 300/s for 90 s',
    arrivals: poisson((second) => (second >= 20 && second < 110 ? 300 : CALM), 300),
    bottleneck: changingCores([
      [0, 8],
      [40_000, 3],
      [70_000, 12],
    ]),
    overload: { from: 20_000, to: 110_000 },
    horizon: 200_000,
    calm: 110_000,
    limits: { throughput: 0.88 },
  },
  {
    ...minuteOf(150),
    name: 'threads',
    title: 'threads on 2 cores: 2 to 8 workers, tasks of 20 ms, 150/s',
    bottleneck: cores(2),
    service: exponential(20),
    config: { workerCount: 2, maxWorkerCount: 8, burstInterval: 100 },
    limits: { throughput: 0.97, running: 2.2 },
  },
  {
    ...minuteOf(800),
    name: 'cores-24',
    title: '24 cores, 800/s',
    bottleneck: cores(24),
    limits: { throughput: 0.99 },
  },
  { ...AT_THE_MAXIMUM, name: 'maximum', title: 'no bottleneck, 700/s' },
  { ...AT_THE_MAXIMUM, name: 'drift', title: 'tasks of 50 ms, slowly becoming 100 ms, 700/s', service: drifting },
  {
    ...AT_THE_MAXIMUM,
    name: 'alternating',
    title: 'tasks of 20 and 100 ms, 5 s of each, 700/s',
    service: alternating,
  },
  {
    ...AT_THE_MAXIMUM,
    name: 'slower-tasks',
    title: 'tasks of 50 ms, from 40 s on of 150 ms, 700/s',
    horizon: 240_000,
    service: shift(40_000, exponential(50), exponential(150)),
  },
  { ...AT_THE_MAXIMUM, name: 'long-tail', title: 'long tail: lognormal, σ 1.5, 700/s', service: logNormal(50, 1.5) },
  {
    ...AT_THE_MAXIMUM,
    name: 'longer-tail',
    title: 'longer tail: Pareto 1.5 up to 10 s, 700/s',
    service: pareto(50, 1.5, 10_000),
  },
];
