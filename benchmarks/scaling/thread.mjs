// A worker thread that compares: gets `{ name, seed }`, answers with what compare() says.

import { parentPort } from 'node:worker_threads';
import { compare } from './compare.mjs';
import { loadCalled } from './loads.mjs';

// oxlint-disable-next-line typescript/no-misused-promises -- a failure shall end the thread
parentPort.on('message', async ({ name, seed }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort.postMessage(await compare(loadCalled(name), seed));
});
