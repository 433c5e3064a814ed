// tasker with no option for rates: a refused task is retried by verdict, three times at most (`maxRetries`).

import { createTaskManager } from 'tasker';
import { CONCURRENCY } from '../contestants.mjs';
import { retryAfter } from '../retries.mjs';

export const settings = '`workerCount` 20, and a verdict that retries a refused task';

export const unknown = 'the verdict waits for what `Retry-After` says; each refusal uses up an attempt';

export async function open() {
  const manager = await createTaskManager({
    workerCount: CONCURRENCY,
    maxWorkerCount: CONCURRENCY,
    checkHealth: (error) => error.status !== 429 || { resource: 'keep', task: 'retry', after: retryAfter(error) },
  });
  return { run: (call) => manager.queueTask(call) };
}
