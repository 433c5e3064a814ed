// Preloaded by a test: the first compressor thread that shall measure the package `fatal` dies of it, as a thread does
// that runs out of memory.
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

let hasDied = false;

threads.Worker = class extends threads.Worker {
  /** @param {{ folder: string }} request */
  postMessage(request) {
    if (!hasDied && request.folder.endsWith('fatal')) {
      hasDied = true;
      void this.terminate();
    } else {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      super.postMessage(request);
    }
  }
};
syncBuiltinESMExports();
