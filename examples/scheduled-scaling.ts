/** The number of workers goes by the time of day, whatever the load. */
import { setTimeout } from 'node:timers/promises';
import { createTaskManager } from 'tasker';
import type { Scaler } from 'tasker';

const HOUR = 100; // ms: a day passes in 2.4 seconds
const midnight = performance.now();

/** In earnest: `new Date().getHours()`. */
const hourOfDay = (): number => (performance.now() - midnight) / HOUR;

const SCHEDULE = [
  { from: 0, workers: 1 },
  { from: 6, workers: 4 },
  { from: 12, workers: 2 },
  { from: 18, workers: 1 },
];

// Asked every burstInterval, so that workers are there before the load is.
const bySchedule: Scaler = () => {
  const hour = hourOfDay();
  return SCHEDULE.findLast(({ from }) => from <= hour)?.workers ?? 1;
};

const manager = await createTaskManager({
  onCreate: () => ({ connectedAt: hourOfDay() }),
  onDestroy: () => {},
  workerCount: 1,
  maxWorkerCount: 4, // the Scaler cannot exceed it
  burstInterval: 20,
  resourcePoolSize: 0,
  scaling: bySchedule,
});

manager.on('scaled', ({ from, to }) => console.log(`${from} -> ${to} workers`));

while (hourOfDay() < 24) await setTimeout(HOUR);
await manager.stop();
console.log('the day is over');
