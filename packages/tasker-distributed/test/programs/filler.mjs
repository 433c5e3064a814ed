// Submits tasks with large inputs until the store has failed twice, says the id of each that the store has and how it failed, and closes.
import { randomBytes } from 'node:crypto';
import { connect } from 'tasker-distributed';
import { tasks } from './tasks.mjs';

const [, , url, name, count, size] = process.argv;
const client = await connect(tasks, url, { name });
let failures = 0;
for (let i = 0; i < Number(count) && failures < 2; i++) {
  try {
    console.log(
      await client.submit('quick', { text: `t${i}`, filling: randomBytes(Number(size) / 2).toString('hex') }),
    );
  } catch (error) {
    failures++;
    console.log(`failed ${error.code} ${error.message}`);
  }
}
await client.close();
console.log('closed');
