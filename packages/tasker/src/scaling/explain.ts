import type { ScaleInput, ScaleReason } from './scaler.ts';

const WHY: Record<ScaleReason, (input: ScaleInput, from: number, to: number) => string> = {
  rate: ({ arrivalRate, serviceTime }) => `${round(arrivalRate)} tasks/s arrive and take ${round(serviceTime)} ms each`,
  backlog: ({ queued, serviceTime }) =>
    `${queued === 1 ? '1 task waits' : `${queued} tasks wait`}${serviceTime > 0 ? `, of ${round(serviceTime)} ms each` : ''}`,
  starved: ({ oldestWait }) => `a task has waited for ${round(oldestWait)} ms and no worker was on its way`,
  repair: () => 'there were fewer than workerCount',
  idle: () => 'those above workerCount have idled for idleTimeout',
  unpaid: ({ completionRate, refusals }, from, to) => {
    if (to > from) return `more get more done again, ${round(completionRate)} tasks/s`;
    return refusals > 0
      ? 'tasks were refused, since there were too many at once'
      : `more get no more done than ${round(completionRate)} tasks/s`;
  },
  custom: () => 'the Scaler asked for it',
};

/** A change of the number of workers in words: `from 4 to 9 workers: 40 tasks wait, of 50 ms each`. */
export function explain(from: number, to: number, reason: ScaleReason, input: ScaleInput): string {
  return `from ${from} to ${to} workers: ${WHY[reason](input, from, to)}`;
}

/** Three digits are enough for a person. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
