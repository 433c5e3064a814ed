// What is measured on a store. `isRate`: a time for each task, shown as tasks per second. `isCompared`: ours may take little longer than BullMQ alone.

export const OURS = 'tasker';
export const BARE = 'bullmq';

const casesOf = ({ inFlight }) => [
  { name: 'submit', title: 'submitted in bulk, per s', isRate: true, isCompared: true },
  { name: 'one', title: 'backlog, concurrency 1, per s', isRate: true, isCompared: true },
  { name: 'ten', title: 'backlog, concurrency 10, per s', isRate: true, isCompared: true },
  { name: 'p50', title: 'round trip, one in flight, p50 ms', isCompared: true },
  { name: 'p99', title: 'round trip, one in flight, p99 ms' },
  { name: 'many', title: `round trips, ${inFlight} in flight, per s`, isRate: true },
  { name: 'manyP50', title: `round trip, ${inFlight} in flight, p50 ms`, isCompared: true },
  { name: 'manyP99', title: `round trip, ${inFlight} in flight, p99 ms` },
  { name: 'lost', title: 'round trips of which no event came' },
];

/** Two contests on a store: what they measure is what `child.mjs` calls `what`. */
export const eventsOf = (store) => {
  const common = { store, contestants: [OURS, BARE] };
  return [
    { ...common, name: store.name, what: 'speed', cases: casesOf(store) },
    {
      ...common,
      name: `${store.name}, memory`,
      what: 'memory',
      most: 1,
      cases: [{ name: 'bytes', title: 'heap for each result that is waited for, bytes' }],
    },
  ];
};
