// One contestant in one workload, in a process of its own: node child.mjs '{ "workload", "contestant", "most" }'
// Prints the values of its cases as JSON.

import { verify } from './verify.mjs';
import { median } from './statistics.mjs';

/**
 * A case is repeated to warm up, for so many ms or as the workload says; the first one until so many tasks have run, too,
 * which compiles the code. Then it is repeated for so many ms to be measured.
 */
const WARM_UP = 60;
const FIRST_TASKS = 60_000;
const FIRST_LIMIT = 300;
const MEASURED = 60;
/** From so many tasks on the small cases that came before are warm-up enough. */
const LARGE = 50_000;

const { workload: file, contestant: name, mostTasks: limit } = JSON.parse(process.argv[2]);
const { default: workload } = await import(`./workloads/${file}`);
const contestant = await import(`./contestants/${name}.mjs`);
const { mostTasks = 100_000 } = contestant;
const { concurrency = 8, warmUp = WARM_UP } = workload;

await verify(contestant);

const values = {};
for (const item of workload.cases) {
  const fitting = fit(item);
  if (fitting === undefined) continue;
  const subject = await contestant.open({ concurrency, ...item.options });
  const samples = await measured(() => workload.measure(subject, fitting), fitting, item === workload.cases[0]);
  await subject.close();
  if (item.names === undefined) values[item.name] = median(samples);
  else for (const key of item.names) values[key] = median(samples.map((sample) => sample[key]));
}
console.log(JSON.stringify(values));
process.exit();

/** The case with no more tasks than the contestant can do in reasonable time; undefined if the number is the point. */
function fit(item) {
  if (item.without?.includes(name) || (item.only && !item.only.includes(name))) return undefined;
  const most = Math.min(mostTasks, limit);
  if (item.count === undefined || item.count <= most) return item;
  return item.isShortened ? { ...item, count: most } : undefined;
}

async function measured(run, { isOnce, count = 0 }, isFirst) {
  if (isOnce) return [await run()];
  if (isFirst) await repeat(run, warmUp, Math.max(warmUp, FIRST_LIMIT), FIRST_TASKS / count);
  else if (count < LARGE) await repeat(run, WARM_UP);
  return repeat(run, MEASURED);
}

/** Runs at least once; on until `duration` has passed, and until `limit` to reach a number of `times`. */
async function repeat(run, duration, limit = duration, times = 0) {
  const results = [];
  const startedAt = performance.now();
  const isDone = (elapsed) => elapsed >= limit || (elapsed >= duration && results.length >= times);
  do results.push(await run());
  while (!isDone(performance.now() - startedAt));
  return results;
}
