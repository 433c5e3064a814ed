import { isMainThread, threadId } from 'node:worker_threads';

class Odd extends Error {}

/** A worker that tells where it runs. */
export default {
  onCreate: ({ kind }) => {
    console.log(`created ${kind}`);
    return { runs: 0 };
  },
  onDestroy: ({ runs }, reason) => console.log(`destroyed after ${runs}: ${reason}`),
  checkHealth: (error, { resource, task }) =>
    !(error instanceof Odd) || {
      resource: resource.runs > 1 ? 'replace' : 'keep',
      task: task.attempt < 2 ? 'retry' : 'fail',
    },
  run(item, resource, { attempt, index, invalidate, log, worker }) {
    resource.runs++;
    if (item === 'log') log({ index, worker: worker.kind });
    if (item === 'odd' && attempt === 1) throw new Odd();
    if (item === 'bad') throw Object.assign(new RangeError('no good'), { code: 'E_BAD' });
    if (item === 'dies' && attempt === 1) process.exit(1);
    if (item === 'function') return () => {};
    if (item === 'address') return new URL('http://localhost/');
    if (item === 'stale') invalidate(new Error('stale'));
    return { isMainThread, isAlone: resource.runs === 1, hasId: threadId > 0 };
  },
};
