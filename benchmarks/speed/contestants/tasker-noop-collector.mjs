// With a collector of the user's own.

import { openTasker } from './tasker.mjs';

export const note =
  'tasker-noop-collector has a collector that does nothing. One that is given gets an object with each event, which the built-in one does not need.';

export { mostRunning } from './tasker.mjs';

const collector = {
  recordArrival() {},
  recordCompletion() {},
  recordFailure() {},
  recordRetry() {},
  metrics: () => ({}),
};

export const open = ({ concurrency }) => openTasker({ workerCount: concurrency, collector });
