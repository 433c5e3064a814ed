// Asks a client for everything, closes it at once, and ends by itself.
import { connect } from 'tasker-distributed';
import { tasks } from './tasks.mjs';

const [, , url, name] = process.argv;
const client = await connect(tasks, url, { name, storeTimeout: 2 ** 31 - 1 });
const settled = Promise.allSettled([
  client.queueTask('quick', { text: 'a' }),
  client.submit('quick', { text: 'b' }),
  client.result('nobody'),
  client.stats(),
  client.cancel('nobody'),
]);
await client.close();
console.log(`${(await settled).length} settled`);
