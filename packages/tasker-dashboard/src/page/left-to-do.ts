import type { TaskStats } from 'tasker';
import { counted } from './format.ts';

/** What a stop waits for: `finishes 3 tasks, waits for 1 lease`. */
export function leftToDo({ queuedTasks, priorityTasks, runningTasks, leases }: TaskStats): string {
  const tasks = `finishes ${counted(queuedTasks + priorityTasks + runningTasks, 'task')}`;
  return leases === 0 ? tasks : `${tasks}, waits for ${counted(leases, 'lease')}`;
}
