// The same loads and seeds with real timers and with virtual ones, to see that the virtual clock tells the truth.

import { figuresOf } from './figures.mjs';
import { loadCalled } from './loads.mjs';
import { lawCalled } from './laws.mjs';
import { poisson, spike } from './arrivals.mjs';
import { simulate, virtualTime } from './simulate.mjs';

const HORIZON = 20_000;

/** Loads of the table, shortened; the base workers can do 80 tasks a second. */
const SHORT = [
  {
    ...loadCalled('step'),
    title: 'step: 30 %, from 5 s to 12 s 300 %',
    arrivals: poisson((second) => (second >= 5 && second < 12 ? 240 : 24), 240),
  },
  { ...loadCalled('on-off'), title: 'on/off: 400 % for 2 s, nothing for 3 s' },
  { ...loadCalled('spike'), title: 'spike: 3,000 tasks at once', arrivals: spike(3_000) },
].map((load) => ({ ...load, horizon: HORIZON, warmUp: 500 }));

/** Timers of the runtime: whole milliseconds, and late rather than early. */
function realTime() {
  const clock = {
    now: () => performance.now(),
    setTimeout: (fn, ms) => setTimeout(() => fn(), Math.ceil(ms)),
    clearTimeout: (handle) => clearTimeout(handle),
  };
  return { clock, pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), isVirtual: false };
}

/** A table as text, a minute later. */
export async function compareRealTime(seed) {
  const law = lawCalled('tasker');
  const lines = [
    'A real task takes some 1 ms longer, and more on a busy machine: timers fire in whole milliseconds, and late. So real',
    'waits and costs are a little higher, and creations differ by some, since a chance excursion more or less makes a worker.',
    '',
    row(['', 'time', 'p99 wait', 'cost', 'creations', 'peak']),
  ];
  for (const load of SHORT) {
    for (const { name, time } of [
      { name: 'virtual', time: virtualTime() },
      { name: 'real', time: realTime() },
    ]) {
      const { wait, cost, creations, peak } = figuresOf(load, await simulate(load, seed, law, { time }));
      const title = name === 'virtual' ? load.title : '';
      lines.push(row([title, name, `${wait.toFixed(0)} ms`, cost.toFixed(1), creations, peak]));
    }
  }
  return lines.join('\n');
}

const WIDTHS = [40, 8, 10, 8, 10, 6];
const row = (cells) => cells.map((text, column) => String(text).padEnd(WIDTHS[column])).join(' ');
