// Kills the threads of one contestant under load. Reports what became of the callers.

import { setTimeout as sleep } from 'node:timers/promises';
import { argument, report } from '../kit/child.mjs';
import { roots } from './modules/functions.mjs';

/** A few calls share a thread, so that each death takes several with it. */
const TASKS_PER_WORKER = 4;
/** Of 20,000 square roots each. */
const MOST = 40;
const STEP = 20_000;
const ANSWER_LIMIT = 10_000;
const ASKED_AFTERWARDS = 100;

const { contestant, threads, seconds, interval, clients } = argument;
const { open } = await import(`./contestants/${contestant}.mjs`);
const expected = Array.from({ length: MOST }, (_, index) => roots((index + 1) * STEP));

const alive = new Set();
/** Numbers of threads that have answered. */
const useful = new Set();
process.on('worker', (worker) => {
  alive.add(worker);
  worker.once('exit', () => alive.delete(worker));
});
// What a library does not handle is counted with what its callers get, not taken for an end.
const strays = [];
process.on('unhandledRejection', (error) => strays.push(error));
process.on('uncaughtException', (error) => strays.push(error));

/** How many calls were rejected with which code or message. */
const reasons = {};
const counts = { killed: 0, right: 0, rejected: 0, wrong: 0, unanswered: 0 };
const subject = await open({ threads, tasksPerWorker: TASKS_PER_WORKER });
await ask(0);
const endAt = performance.now() + seconds * 1_000;
const callers = Array.from({ length: clients }, (_, client) => call(client));
await kill();
await Promise.race([Promise.all(callers), sleep(ANSWER_LIMIT)]);
await settle();
const threadsAfterwards = alive.size;
const rightAfterwards = await askAll();
const firstStray = strays[0] === undefined ? undefined : String(strays[0]).split('\n', 1)[0];
report({
  ...counts,
  threads,
  threadsAfterwards,
  askedAfterwards: ASKED_AFTERWARDS,
  rightAfterwards,
  reasons,
  strays: strays.length,
  firstStray,
});

/** One caller: its next call is made when it has the answer to the last. */
async function call(client) {
  for (let round = client; performance.now() < endAt; round += 1) {
    counts.unanswered += 1;
    try {
      const isRight = await ask(round);
      counts[isRight ? 'right' : 'wrong'] += 1;
    } catch (error) {
      counts.rejected += 1;
      const what = error?.code ?? error?.message ?? String(error);
      reasons[what] = (reasons[what] ?? 0) + 1;
      await sleep(1);
    }
    counts.unanswered -= 1;
  }
}

/** Whether the answer is right. */
async function ask(round) {
  const index = (round * 7) % MOST;
  const { thread, sum } = await subject.call('rootsHere', (index + 1) * STEP);
  useful.add(thread);
  return sum === expected[index];
}

/** Kills a thread at each interval: the oldest of those that have answered a call. */
async function kill() {
  while (performance.now() < endAt) {
    await sleep(interval);
    const victim = [...alive].find(({ threadId }) => useful.delete(threadId));
    if (victim === undefined) continue;
    counts.killed += 1;
    void victim.terminate();
  }
}

/** Until all threads are back, but not for long. */
async function settle() {
  for (let left = 50; left > 0 && alive.size !== threads; left -= 1) await sleep(100);
}

async function askAll() {
  const answers = Array.from({ length: ASKED_AFTERWARDS }, (_, round) => ask(round).catch(() => false));
  let right = 0;
  for (const answer of answers) void answer.then((isRight) => (right += isRight ? 1 : 0));
  await Promise.race([Promise.all(answers), sleep(ANSWER_LIMIT)]);
  return right;
}
