/* oxlint-disable oxc/no-this-in-exported-function -- `this` is how a function gets the state and the signal */
/** A module with a state, and hooks that can be made to fail. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ThreadCall } from 'tasker/threads';

export interface Data {
  readonly name: string;
  readonly fail?: 'create' | 'destroy' | 'exit' | undefined;
  readonly hang?: 'create' | 'destroy' | undefined;
  /** Where the hooks write what they do. */
  readonly log?: string;
}

interface State {
  readonly data: Data;
  calls: number;
}

export async function onCreate(data: Data): Promise<State> {
  if (data.hang === 'create') await sleep(1e6);
  await sleep(1);
  if (data.fail === 'create') throw new RangeError(`no ${data.name}`);
  if (data.fail === 'exit') process.exit(9);
  return { data, calls: 0 };
}

export async function onDestroy({ data, calls }: State): Promise<void> {
  if (data.hang === 'destroy') await sleep(1e6);
  await sleep(1);
  if (data.log !== undefined) appendFileSync(data.log, `destroyed ${data.name} after ${calls} calls\n`);
  if (data.fail === 'destroy') throw new RangeError(`cannot close ${data.name}`);
}

export function next(this: ThreadCall<State>): string {
  return `${this.state.data.name} ${++this.state.calls}`;
}

export async function waitForAbort(this: ThreadCall<State>): Promise<void> {
  await sleep(1e6, undefined, { signal: this.signal });
}

export function spin(): never {
  for (;;);
}
