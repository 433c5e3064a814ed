import { openTasker } from './tasker.mjs';

export const open = ({ concurrency }) => openTasker({ workerCount: concurrency, scaling: 'off' });
