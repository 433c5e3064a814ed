// Before anything is measured: a contestant must do what it is measured at.

import { nextTurn } from '../kit/measure.mjs';

const CONCURRENCY = 4;
const TASKS = 50;
const TIME_LIMIT = 2_000;

/** Rejects unless each task has a resource to itself, as many run at once as may, and each caller gets its result. */
export async function verify({ open, mostRunning = (concurrency) => concurrency }) {
  const { run, close } = await open({ concurrency: CONCURRENCY });
  const inUse = new Set();
  let most = 0;
  let openGate;
  const gate = new Promise((resolve) => {
    openGate = resolve;
  });
  const timer = setTimeout(() => openGate(), TIME_LIMIT);
  const use = (id) => async (resource) => {
    if (typeof resource?.uses !== 'number') throw new Error(`task ${id} got no resource`);
    if (inUse.has(resource)) throw new Error(`task ${id} got a resource that is in use`);
    inUse.add(resource);
    most = Math.max(most, inUse.size);
    if (most === CONCURRENCY) openGate();
    await gate;
    await nextTurn();
    inUse.delete(resource);
    return id;
  };
  const results = await Promise.all(Array.from({ length: TASKS }, (_, id) => run(use(id))));
  clearTimeout(timer);
  await close();
  const wrong = results.filter((result, id) => result !== id).length;
  if (wrong > 0) throw new Error(`${wrong} of ${TASKS} results are wrong`);
  if (most > mostRunning(CONCURRENCY)) throw new Error(`${most} tasks ran at once on ${CONCURRENCY} resources`);
  if (most < CONCURRENCY) throw new Error(`no more than ${most} tasks ran at once on ${CONCURRENCY} resources`);
}
