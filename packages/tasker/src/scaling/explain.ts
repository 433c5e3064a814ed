import type { ScaleInput, ScaleReason } from './scaler.ts';

const WHY: Record<ScaleReason, (input: ScaleInput) => string> = {
  rate: ({ arrivalRate, serviceTime }) =>
    `${round(arrivalRate)} tasks/s of ${round(serviceTime)} ms keep that many workers busy`,
  backlog: ({ queued, serviceTime }) => `${queued} tasks of ${round(serviceTime)} ms wait and would wait too long`,
  starved: ({ oldestWait }) => `a task has waited for ${round(oldestWait)} ms and no worker was on its way`,
  repair: () => 'base workers have died',
  idle: ({ idle }) => `${idle} workers were idle, and those above workerCount for idleTimeout`,
  custom: () => 'the Scaler asked for it',
};

/** A change of the number of workers in words: `from 4 to 9 workers: 40 tasks of 50 ms wait and would wait too long`. */
export function explain(from: number, to: number, reason: ScaleReason, input: ScaleInput): string {
  return `from ${from} to ${to} workers: ${WHY[reason](input)}`;
}

/** Three digits are enough for a person. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
