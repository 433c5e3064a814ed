import { defineWorker } from 'tasker-cli';

const start: number = await Promise.resolve(10);

/** With an `await` at the top. */
export default defineWorker({
  onCreate: () => ({ count: start }),
  onDestroy: ({ count }) => console.error(`destroyed at ${count}`),
  maxWorkerCount: 1,
  run: (item: { name: string }, resource, { index }) => ({
    name: item.name,
    index,
    count: ++resource.count,
  }),
});
