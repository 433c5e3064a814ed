// A process for workers, which does what it is asked for: see `workers.mjs`.

import { localWorkers } from './workers.mjs';

const [contestant, url] = process.argv.slice(2);
const workers = await localWorkers(contestant, url);

process.on('message', (/** @type {{ method: string, args: unknown[] }} */ { method, args }) => {
  workers[method](...args).then(
    (value) => process.send?.({ value }),
    (error) => process.send?.({ error: error.message }),
  );
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
