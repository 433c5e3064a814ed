// One contestant in one workload, in a process of its own: node child.mjs '{ "workload", "contestant", "threads" }'
// Prints the microseconds that it measured.

import { median } from '../speed/statistics.mjs';

/** In ms; what takes longer is done so many times. */
const WARM_UP = 250;
const MEASURED = 350;
const FEWEST = 2;

const { workload: file, contestant: name, threads } = JSON.parse(process.argv[2]);
const { default: workload } = await import(`./workloads/${file}`);
const { open } = await import(`./contestants/${name}.mjs`);

let started = 0;
process.on('worker', () => {
  started += 1;
});
const subject = await open({ threads, tasksPerWorker: workload.tasksPerWorker });
await repeat(WARM_UP, 1);
const samples = await repeat(MEASURED, FEWEST);
if (started !== threads) throw new Error(`${name} must have ${threads} threads, got ${started}`);
console.log(JSON.stringify(median(samples)));
process.exit();

async function repeat(duration, fewest) {
  const results = [];
  const startedAt = performance.now();
  do results.push(await workload.measure(subject));
  while (results.length < fewest || performance.now() - startedAt < duration);
  return results;
}
