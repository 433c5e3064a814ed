// One run: an API, a load, a contestant, a seed.

import { sourceOf } from '../scaling/random.mjs';
import { CALL, connect } from './network.mjs';

/** Whoever is not done so long after the last task came never will be. Ms. */
const PATIENCE = 600_000;

/**
 * Runs it and returns the figures: `share`, of the tasks, that the API had let through when it could have let all of them through,
 * and the time of a call later; calls `refused`; tasks `lost`, which is to say failed, and `left`, which are neither done nor
 * lost; `took`, the ms until the last one had settled, undefined if that did not happen.
 */
export async function simulate({ api, load, open, seed, time }) {
  const arrivals = load.arrivals(sourceOf(seed, 'arrivals'));
  const closing = api.timeFor(arrivals.length) + CALL;
  Math.random = sourceOf(seed, 'jitter'); // that of backoffs, so that a run can be repeated

  const server = api.open(sourceOf(seed, 'api'));
  const startedAt = performance.now();
  const now = () => performance.now() - startedAt;
  let passed = 0;
  let refused = 0;
  const ask = () => {
    const instant = now();
    const wait = server.ask(instant);
    if (wait > 0) refused += 1;
    else if (instant <= closing) passed += 1;
    return wait;
  };
  const call = connect(sourceOf(seed, 'network'), ask, api.header);

  const { run } = await open(api);
  let done = 0;
  let lost = 0;
  let took;
  const { promise: ending, resolve: end } = withResolvers();
  const submit = async () => {
    try {
      await run(call);
      done += 1;
    } catch {
      lost += 1;
    }
    if (done + lost < arrivals.length) return;
    took = now();
    end();
  };
  submitAll(arrivals, now, submit);
  await time.runUntil(ending, arrivals.at(-1) + PATIENCE);
  return { share: passed / arrivals.length, refused, lost, left: arrivals.length - done - lost, took };
}

/** Submits each task when its time has come, those of one instant together. */
function submitAll(arrivals, now, submit) {
  let next = 0;
  const submitDue = () => {
    for (; next < arrivals.length && arrivals[next] <= now(); next += 1) void submit();
    if (next < arrivals.length) setTimeout(submitDue, Math.ceil(arrivals[next] - now()));
  };
  submitDue();
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers() {
  let resolve;
  const promise = new Promise((yes) => {
    resolve = yes;
  });
  return { promise, resolve };
}
