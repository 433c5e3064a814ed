import { appendFileSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { defineTasks } from 'tasker-distributed';

/** What the processes of the fault tests do; each run leaves a line in the file of `LOG`. */
export const tasks = defineTasks()({
  /** Takes its time, and does not look at its signal. */
  slow: async (_, { text, ms }, { attempt }) => {
    appendFileSync(process.env.LOG, `begin ${text} ${attempt} ${process.pid}\n`);
    await setTimeout(ms);
    appendFileSync(process.env.LOG, `end ${text}\n`);
    return text;
  },
  /** Takes as long as it must. */
  quick: async (_, { text }) => {
    appendFileSync(process.env.LOG, `begin ${text}\n`);
    await setImmediate();
    return text;
  },
  /** Waits to be cancelled. */
  hang: (_, { text }, { signal }) =>
    new Promise((_resolve, reject) => {
      appendFileSync(process.env.LOG, `begin ${text}\n`);
      signal.addEventListener('abort', () => reject(signal.reason));
    }),
  /** Keeps the event loop busy. */
  block: (_, { text, ms }) => {
    appendFileSync(process.env.LOG, `begin ${text}\n`);
    const end = performance.now() + ms;
    while (performance.now() < end);
    return text;
  },
});
