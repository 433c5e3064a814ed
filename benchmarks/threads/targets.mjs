// What tasker is meant to reach. Nothing fails when it does not: a table tells.

import { figureOf, ratioOf } from '../kit/figures.mjs';
import { atLeast, atMost } from '../kit/targets.mjs';

/** The targets whose figures are there. */
export function judge(summaries) {
  const ratio = (workload, contestant, other) => {
    const { column } = summaries.find(({ name }) => name === workload) ?? {};
    const of = (who) => figureOf(summaries, workload, who, column);
    return ratioOf(of(contestant), of(other));
  };
  const throughput = (workload, rival, goal) => {
    const { title } = summaries.find(({ name }) => name === workload) ?? {};
    return atLeast(`${title}: throughput ÷ that of ${rival}`, ratio(workload, rival, 'tasker'), goal);
  };
  return [
    ...throughput('noop', 'poolifier', 1),
    ...throughput('noop', 'piscina', 2.5),
    ...throughput('noop', 'tinypool', 2.5),
    ...throughput('noop', 'workerpool', 4),
    ...throughput('roots', 'poolifier', 1),
    ...throughput('roots', 'bare-loop', 0.9),
    ...atMost('One call on an idle pool: time ÷ that of a bare echo', ratio('idle', 'tasker', 'bare'), 1.2),
    ...atMost('64 MB moved there and back: time ÷ that of a bare echo', ratio('buffer', 'tasker', 'bare'), 1.1),
  ];
}
