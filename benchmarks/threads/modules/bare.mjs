/* oxlint-disable unicorn/require-post-message-target-origin -- a port has none */
// A thread without a library. Numbers and buffers are echoed, since that is the least there can be.

import { parentPort } from 'node:worker_threads';
import { mark, noop, roots } from './functions.mjs';

const functions = { noop, roots };

function receive(message) {
  if (typeof message === 'number') parentPort.postMessage(message);
  else if (message instanceof ArrayBuffer) parentPort.postMessage(mark(message), [message]);
  else if (Array.isArray(message)) {
    const [id, name, value] = message;
    parentPort.postMessage([id, functions[name](value)]);
  } else {
    let sum = 0;
    for (let call = 0; call < message.calls; call += 1) sum += roots(message.count);
    parentPort.postMessage(sum);
  }
}

parentPort.on('message', receive);
