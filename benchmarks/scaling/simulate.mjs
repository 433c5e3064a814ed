// One run: a load, a seed, a law.

import { VirtualClock } from 'tasker/testing';
import { Crowd } from './bottlenecks.mjs';
import { hooksFor } from './hooks.mjs';
import { Meter } from './meter.mjs';
import { sourceOf } from './random.mjs';
import { tasksOf } from './tasks.mjs';

/** Tasks that are not done so long after the horizon never will be. */
const PATIENCE = 600_000;

/** After so many ms without a task only the base workers should be left; the longest idleTimeout is shorter. */
const QUIET = 20_000;

/**
 * Virtual time.
 * @returns {Time}
 *
 * @typedef {{ clock: import('tasker').Clock & { pending?: number }, pass: (ms: number) => Promise<unknown>, isVirtual: boolean }} Time
 */
export function virtualTime() {
  const clock = new VirtualClock();
  return { clock, pass: (ms) => clock.advance(ms), isVirtual: true };
}

/**
 * Runs it and returns the meter; a trace follows it.
 * @param {Record<string, any>} load
 * @param {number} seed
 * @param {{ open: Function }} law
 * @param {{ time?: Time, trace?: import('./trace.mjs').Trace }} options
 */
export async function simulate(load, seed, law, { time = virtualTime(), trace } = {}) {
  const { clock, pass } = time;
  const tasks = tasksOf(load, seed);
  const meter = new Meter(clock, tasks, load);
  trace?.watch(meter);
  const hooks = hooksFor(load, seed, clock, meter);
  const { random } = Math;
  Math.random = sourceOf(seed, 'jitter'); // that of the manager's backoff, so that a run can be repeated
  const opening = law.open({ load, clock, hooks });
  await pass(load.warmUp);
  const contestant = await opening;

  meter.begin();
  submitAll(tasks, clock, meter, contestant, workOf(load, clock, meter));
  if (load.diesAt !== undefined) clock.setTimeout(() => hooks.dieAll(), load.diesAt);
  await pass(load.horizon);
  meter.finish();
  for (let waited = 0; meter.done < tasks.length && waited < PATIENCE; waited += 1_000) await pass(1_000);
  if (time.isVirtual) {
    await pass(QUIET);
    meter.left = { resources: meter.present, timers: clock.pending };
  }
  const violations = [...meter.violations];
  const closing = contestant.close();
  await pass(load.warmUp);
  await closing;
  if (meter.done < tasks.length) meter.violations = violations; // what is lost is told once, not what the end does to each
  Math.random = random;
  return { meter, tasks };
}

/** Instants are sums of fractions; a task that is due by so little is due. Ms. */
const ROUNDING = 1e-6;

/** How tasks of this load pass their time: a function of the duration, which at a bottleneck is longer, and of what to do then. */
function workOf(load, clock, meter) {
  if (load.bottleneck === undefined) return (ms, done) => clock.setTimeout(done, ms);
  const crowd = new Crowd(load.bottleneck);
  let timer;
  const goOn = () => {
    for (const done of crowd.advance(meter.now)) done();
  };
  const arm = () => {
    clock.clearTimeout(timer);
    if (crowd.nextAt === Infinity) return;
    timer = clock.setTimeout(() => {
      goOn();
      arm();
    }, crowd.nextAt - meter.now);
  };
  return (ms, done) => {
    goOn();
    crowd.add(done, ms);
    arm();
  };
}

/** Submits each task when its time has come, those of one instant together. */
function submitAll(tasks, clock, meter, contestant, work) {
  let next = 0;
  const submitDue = () => {
    for (; next < tasks.length && tasks[next].at <= meter.now + ROUNDING; next++) {
      const index = next;
      const { service, priority } = tasks[index];
      const run = (resource) => {
        meter.started(index, resource);
        return new Promise((resolve) => {
          work(service, () => {
            meter.ended(index, resource);
            resolve(undefined);
          });
        });
      };
      meter.arrived();
      contestant.submit(run, priority)?.catch?.((error) => meter.violations.push(`task ${index} failed: ${error}`));
    }
    if (next < tasks.length) clock.setTimeout(submitDue, tasks[next].at - meter.now);
  };
  submitDue();
}
