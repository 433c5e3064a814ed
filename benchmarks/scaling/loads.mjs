// The loads, one entry each. Times are ms, rates tasks per second.
//
// - arrivals: when tasks come; a list of `{ priority, arrivals }` where there are several kinds
// - service, creation, destruction: how long a task, a creation and a destruction take
// - calm: from when on the base workers suffice, if ever; the time back to base is counted from there
// - warmUp: the base workers are up after so many ms at most, and the load begins
// - limits: the figures to reach, by the name of the figure; none where we only look
// - fails: whether the n-th creation since the start fails, begun at that instant, and after how many ms
// - outage: when creations fail for some time; the recovery is counted from its end
// - diesAt: when every live resource dies

import { bursts, poisson, spike } from './arrivals.mjs';
import { bottleneckLoads } from './bottleneck-loads.mjs';
import { always, exponential, logNormal, pareto, shift, uniform } from './random.mjs';

/** What the base workers can do at most with tasks of 50 ms: 100 %. */
const BASE_RATE = 80;

/** Unless a load says otherwise. */
const USUAL = {
  config: { workerCount: 4, maxWorkerCount: 32, burstInterval: 100 },
  service: exponential(50),
  creation: uniform(70, 130),
  destruction: 20,
  horizon: 60_000,
  warmUp: 4_000,
};

const STEP = {
  arrivals: poisson((second) => (second >= 20 && second < 50 ? 3 : 0.3) * BASE_RATE, 3 * BASE_RATE),
  horizon: 80_000,
  calm: 50_000,
};

const ON_OFF = {
  arrivals: poisson((second) => (second % 5 < 2 ? 4 : 0) * BASE_RATE, 4 * BASE_RATE),
  calm: 57_000,
};

/** All at once, and of tasks of which nothing is known yet; workers are slow to make. */
const COLD = {
  config: { workerCount: 5, maxWorkerCount: 50, burstInterval: 100 },
  creation: always(2_000),
};

/** When no creation succeeds. */
const OUTAGE = { from: 20_000, to: 35_000 };

const LOADS = [
  {
    name: 'steady-30',
    title: 'steady, 30 % of base',
    arrivals: poisson(0.3 * BASE_RATE),
    limits: { wait: 40, overOracle: 1.15, overSeed: 0.15, creations: 2 },
  },
  {
    name: 'steady-90',
    title: 'steady, 90 % of base',
    arrivals: poisson(0.9 * BASE_RATE),
    limits: { wait: 70, overOracle: 1.3, overSeed: 0.25, creations: 30 },
  },
  {
    ...STEP,
    name: 'step',
    title: 'step: 30 %, from 20 s to 50 s 300 %',
    limits: { wait: 90, overOracle: 1.25, overSeed: 0.35, creations: 35 },
  },
  {
    name: 'spike',
    title: 'spike: 10,000 tasks at once',
    arrivals: spike(10_000),
    calm: 0,
    limits: { drained: 1.05, overOracle: 1.2, overSeed: 0.35, creations: 35 },
  },
  {
    name: 'jungle',
    title: 'jungle: 50 tasks of 2 ms every 2.5 s, slow creation',
    arrivals: bursts(50, 2_500),
    service: always(2),
    creation: always(150),
    config: { workerCount: 5, maxWorkerCount: 50, burstInterval: 100 },
    limits: { wait: 40, overOracle: 0.8, overSeed: 0.2, creations: 0 },
  },
  {
    name: 'ramp',
    title: 'ramp: to 500 % in 60 s, to 0 in 30 s',
    arrivals: poisson((second) => (second < 60 ? second / 60 : (90 - second) / 30) * 5 * BASE_RATE, 5 * BASE_RATE),
    horizon: 100_000,
    calm: 90_000,
    limits: { wait: 50, overOracle: 1.25, overSeed: 0.5, creations: 58 },
  },
  {
    ...ON_OFF,
    name: 'on-off',
    title: 'on/off: 400 % for 2 s, nothing for 3 s',
    limits: { wait: 160, overOracle: 1.75, overSeed: 0.45, creations: 400 },
  },
  {
    name: 'heavy-tail',
    title: 'heavy tail: Pareto 1.5 up to 10 s, 80 % of base',
    arrivals: poisson(0.8 * BASE_RATE),
    service: pareto(50, 1.5, 10_000),
    limits: { wait: 70, overOracle: 1.35, overSeed: 0.25, creations: 25 },
  },
  {
    name: 'long-tasks',
    title: 'long tasks of 5 s: 0.2/s, for 60 s 3/s',
    arrivals: poisson((second) => (second >= 30 && second < 90 ? 3 : 0.2), 3),
    service: logNormal(5_000, 0.5),
    creation: always(500),
    horizon: 150_000,
    calm: 90_000,
    limits: { wait: 810, overOracle: 1.3, overSeed: 0.3, creations: 63 },
  },
  {
    ...STEP,
    name: 'step-slow-creation',
    title: 'step, creation takes 1 to 3 s',
    creation: uniform(1_000, 3_000),
    limits: { wait: 2_100, overOracle: 1.55, overSeed: 0.35, creations: 32 },
  },
  {
    ...STEP,
    name: 'step-failing',
    title: 'step, every second creation fails',
    fails: (n) => (n % 2 === 0 ? 300 : undefined),
    limits: { wait: 440, overOracle: 1.2, overSeed: 0.4, creations: 54 },
  },
  {
    ...STEP,
    name: 'outage',
    title: 'outage: in the step no creation succeeds for 15 s',
    fails: (_, now) => (now >= OUTAGE.from && now < OUTAGE.to ? 100 : undefined),
    outage: OUTAGE,
    limits: { recovered: 5_000, overOracle: 1.05, overSeed: 0.3, creations: 70 },
  },
  {
    name: 'all-die',
    title: 'all workers die at 10 s, 60 % of base',
    arrivals: poisson(0.6 * BASE_RATE),
    diesAt: 10_000,
    limits: { wait: 100, overOracle: 1.3, overSeed: 0.85, creations: 22 },
  },
  {
    ...COLD,
    name: 'cold-bursts',
    title: 'cold bursts: 1,000 tasks of 2 ms every 8 s, creation takes 2 s',
    arrivals: bursts(1_000, 8_000),
    service: always(2),
    horizon: 60_000,
    limits: { wait: 420, overOracle: 0.4, creations: 0 },
  },
  {
    ...COLD,
    name: 'cold-batch',
    title: 'cold batch: 50 tasks of 5 s at once, creation takes 2 s',
    arrivals: spike(50),
    service: always(5_000),
    calm: 0,
    horizon: 30_000,
    limits: { wait: 3_200, overOracle: 2.3, creations: 45 },
  },
  // Without limits: other shapes, to see that the law is not made for those above.
  {
    name: 'bursts-500',
    title: '500 tasks at once every 10 s',
    arrivals: bursts(500, 10_000),
  },
  {
    name: 'sine',
    title: 'sine: 10 % to 390 % in 20 s',
    arrivals: poisson((second) => (2 - 1.9 * Math.cos((second * Math.PI) / 10)) * BASE_RATE, 3.9 * BASE_RATE),
  },
  {
    name: 'service-shift',
    title: 'tasks of 10 ms, from 30 s on of 150 ms, 40/s',
    arrivals: poisson(40),
    service: shift(30_000, exponential(10), exponential(150)),
  },
  {
    name: 'cold-start',
    title: 'cold start: 1,000 tasks of 5 ms, creation takes 1 s',
    arrivals: spike(1_000),
    calm: 0,
    service: exponential(5),
    creation: always(1_000),
    horizon: 30_000,
  },
  {
    ...ON_OFF,
    name: 'on-off-slow-creation',
    title: 'on/off, creation takes 2 s',
    creation: always(2_000),
  },
  {
    name: 'priorities',
    title: 'two priorities: 40/s of the high, 2,000 of the low at once every 20 s',
    arrivals: [
      { priority: 1, arrivals: poisson(40) },
      { priority: 0, arrivals: bursts(2_000, 20_000) },
    ],
  },
];

/** @type {Record<string, any>[]} */
export const loads = [...LOADS, ...bottleneckLoads].map((load) => ({ ...USUAL, limits: {}, ...load }));

/** The load of that name; throws and names all if there is none. */
export function loadCalled(name) {
  const load = loads.find((each) => each.name === name);
  if (!load) throw new Error(`no load is called ${name}; there are ${loads.map((each) => each.name).join(', ')}`);
  return load;
}
