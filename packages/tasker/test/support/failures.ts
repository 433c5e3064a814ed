import type { TaskManager } from 'tasker';
import type { FakeResource } from 'tasker/testing';
import { watch } from './harness.ts';

/** An error of the task's own, for which the resource is not to blame. */
export const OWN: Error = new Error('own');

/** A task that fails with {@link OWN}. */
export const fail = (): never => {
  throw OWN;
};

/** An error that makes `checkHealth: sickIfSo` call the resource sick. */
export const SICK: Error = new Error('sick');

/** A `checkHealth` for tests: sick exactly for {@link SICK}. */
export const sickIfSo = (error: unknown): boolean => error !== SICK;

/** Makes one worker's resource sick, if `checkHealth` says so, with a task that is not retried. */
export function makeSick(manager: TaskManager<FakeResource>): void {
  watch(manager.queueTaskOnce(() => Promise.reject(SICK)));
}
