// What a dashboard costs the program it is in: processor time for each task without one, with one that nobody watches, and with ten watchers,
// which are another process.
//
//   --rounds N      instead of 7
//   --seconds N     of each run, instead of 5

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { positive } from '../kit/options.mjs';
import { WORKLOADS } from './workloads.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seconds: { type: 'string' } } });
const rounds = positive('rounds', values.rounds, 7);
const seconds = positive('seconds', values.seconds, 5);

const WATCHERS = ['none', '0', '10'];
const program = fileURLToPath(new URL('program.mjs', import.meta.url));
const median = (/** @type {number[]} */ list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

for (const [name, { title }] of Object.entries(WORKLOADS)) {
  const runs = Object.fromEntries(WATCHERS.map((watchers) => [watchers, /** @type {any[]} */ ([])]));
  // In turn, so that what else the machine does meets all alike.
  for (let round = 0; round < rounds; round++) {
    for (const watchers of WATCHERS) {
      const { stdout } = await promisify(execFile)(process.execPath, [program, name, watchers, String(seconds)]);
      runs[watchers]?.push(JSON.parse(stdout));
    }
  }
  const of = (/** @type {string} */ watchers, /** @type {string} */ what) =>
    median((runs[watchers] ?? []).map((run) => run[what]));
  console.log(`\n${title}\n`);
  console.log('| watchers | µs of a core per task | more | of a core | tasks/s |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const watchers of WATCHERS) {
    const more = (of(watchers, 'perTask') / of('none', 'perTask') - 1) * 100;
    const cells = [
      watchers === 'none' ? 'no dashboard' : watchers,
      of(watchers, 'perTask').toPrecision(3),
      watchers === 'none' ? '' : `${more.toFixed(1)} %`,
      of(watchers, 'load').toFixed(3),
      Math.round(of(watchers, 'perSecond')).toLocaleString('en'),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
