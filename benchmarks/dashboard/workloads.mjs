// What the managers do, from the worst case for a dashboard, tasks that do nothing, to one with much to show.

import { setTimeout } from 'node:timers/promises';

const nothing = () => {};
const soon = () => setTimeout(50);

export const WORKLOADS = {
  'no-op': {
    title: 'tasks that do nothing, 8 workers, 64 clients in a loop',
    config: { workerCount: 8 },
    clients: 64,
    submit: (manager) => manager.queueTask(nothing),
  },
  large: {
    title: 'tasks of 50 ms with name, key and meta, 500 workers, 200 keys, 1,000 clients',
    config: { workerCount: 500 },
    clients: 1_000,
    submit: (manager, i) =>
      manager.queueTask(soon, { name: `task of ${i}`, key: `customer ${i % 200}`, meta: { client: i, of: 'large' } }),
  },
};
