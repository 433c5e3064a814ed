// What `tasker run` is meant to reach. Nothing fails when it does not: a table tells.

import { figureOf, ratioOf } from '../kit/figures.mjs';
import { atLeast, atMost } from '../kit/targets.mjs';

/** The targets whose figures are there. */
export function judge(summaries) {
  const ratio = (workload, name, contestant, other) =>
    ratioOf(figureOf(summaries, workload, contestant, name), figureOf(summaries, workload, other, name));
  const faster = (rival) =>
    atLeast(
      `A resource that takes 100 ms: time of \`${rival}\` ÷ that of tasker`,
      ratio('resource', 'seconds', rival, 'tasker run'),
      10,
    );
  return [
    ...faster('xargs -P 8 -n 1'),
    ...faster('parallel -j 8'),
    ...atMost(
      'Memory with 10,000,000 lines ÷ that with 1,000,000',
      ratio('memory', 'megabytes', '10,000,000 lines', '1,000,000 lines'),
      1.2,
    ),
  ];
}
