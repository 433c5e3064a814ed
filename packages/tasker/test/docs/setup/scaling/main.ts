import { createTaskManager } from 'tasker';
import type { Scaler } from 'tasker';

export type { Scaler };

export const manager = await createTaskManager({ onCreate: () => ({}), onDestroy() {}, workerCount: 1 });
export const hourOfDay = (): number => new Date().getHours();
export const SATURATED = 0.8;
export const WINDOW = 100; // ms
