// Rate: `rate`. A refusal is an overload, and waits for what `Retry-After` says, if it says anything.

import { createTaskManager, retryAfter } from 'tasker';
import { CONCURRENCY } from '../contestants.mjs';

export const settings = '`rate`, a verdict that calls a refusal an overload, and `workerCount` 20';

export const unknown =
  'no `rate`; the verdict passes on what `Retry-After` says, and nothing starts until then. A refusal uses up no attempt';

export async function open({ rate }) {
  const manager = await createTaskManager({
    workerCount: CONCURRENCY,
    maxWorkerCount: CONCURRENCY,
    rate,
    checkHealth: (error) =>
      error.status !== 429 || {
        resource: 'keep',
        task: 'retry',
        overload: true,
        after: retryAfter(error.headers.get('retry-after')),
      },
  });
  return { run: (call) => manager.queueTask(call) };
}
