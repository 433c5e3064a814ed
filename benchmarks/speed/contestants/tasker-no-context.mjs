// Tasks don't get the `AsyncLocalStorage` context of whoever submitted them.

import { openTasker } from './tasker.mjs';

export { mostRunning } from './tasker.mjs';

export const open = ({ concurrency }) => openTasker({ workerCount: concurrency, asyncContext: false });
