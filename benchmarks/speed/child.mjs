// One contestant in one workload, in a process of its own. Reports a number for each case.

import { argument, repeat, report } from '../kit/child.mjs';
import { nextTurn } from '../kit/measure.mjs';
import { partsOf } from '../kit/contestants.mjs';
import { mean } from '../kit/statistics.mjs';
import { moveCollector } from './collector.mjs';
import { verify } from './verify.mjs';

/** A case is repeated to warm up; the first one until so many tasks have run, too, which compiles the code. Milliseconds. */
const WARM_UP = 100;
const FIRST_TASKS = 300_000;
const FIRST_LIMIT = 1_000;
/** From so many tasks on the small cases that came before are warm-up enough. */
const LARGE = 50_000;
/** Then it is repeated until as many tasks have run, so that a case of 10,000 meets the collector at 24 places of its way. */
const MEASURED_TASKS = 240_000;
const MOST_TIMES = 60;
const LIMIT = 2_000;

const { workload: file, contestant: name, cases } = argument;
const { default: workload } = await import(`./workloads/${file}.mjs`);
const { module, way } = partsOf(name);
const contestant = await import(`./contestants/${module}.mjs`);
const { mostTasks = 100_000 } = contestant;
const { warmUp = WARM_UP } = workload;

if (way === undefined) await verify(contestant);

const values = {};
let index = 0;
for (const item of workload.cases) {
  const { count = 0, isOnce = false } = item;
  if (!cases.includes(item.name) || item.without?.includes(name) || count > mostTasks) continue;
  const subject = await contestant.open({ concurrency: 8, way, ...item.options });
  const run = () => workload.measure(subject, item, way);
  if (isOnce) values[item.name] = await run();
  else {
    const isFirst = index === 0;
    if (isFirst)
      await repeat(run, { duration: warmUp, times: FIRST_TASKS / count, limit: Math.max(warmUp, FIRST_LIMIT) });
    else if (count < LARGE) await repeat(run, { duration: WARM_UP });
    const samples = await repeat(
      async () => {
        await moveCollector((index += 1));
        await nextTurn();
        return run();
      },
      { times: Math.min(MOST_TIMES, Math.ceil(MEASURED_TASKS / count)), limit: LIMIT },
    );
    values[item.name] = mean(samples);
  }
  await subject.close();
}
report(values);
