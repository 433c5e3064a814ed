/** Two items at a time, which end when standard input says `go`; they ignore their signals. */
const go = new Promise((resolve) => process.stdin.once('data', resolve));
export default {
  workerCount: 2,
  maxWorkerCount: 2,
  destroyTimeout: 1_000,
  onCreate: () => ({}),
  onDestroy: () => console.error('destroyed'),
  run: async (item) => {
    console.error(`began ${item}`);
    await go;
    return item;
  },
};
