// One contestant in one workload, in a process of its own. Reports the microseconds that it measured.

import { argument, repeat, report } from '../kit/child.mjs';
import { nextTurn } from '../kit/measure.mjs';
import { median } from '../kit/statistics.mjs';

/** In ms; what takes longer is done so many times. */
const WARM_UP = 250;
const MEASURED = 350;
const FEWEST = 2;

const { workload: file, contestant: name, threads } = argument;
const { default: workload } = await import(`./workloads/${file}.mjs`);
const { open } = await import(`./contestants/${name}.mjs`);

let started = 0;
process.on('worker', () => {
  started += 1;
});
const subject = await open({ threads, tasksPerWorker: workload.tasksPerWorker });
const measure = async () => {
  await nextTurn();
  return workload.measure(subject);
};
await repeat(measure, { duration: WARM_UP });
const samples = await repeat(measure, { duration: MEASURED, times: FEWEST });
if (started !== threads) throw new Error(`${name} must have ${threads} threads, got ${started}`);
report({ [workload.column]: median(samples) });
