// Submits a task, says its id, and waits for the result.
import { connect } from 'tasker-distributed';
import { tasks } from './tasks.mjs';

const [, , url, name, input] = process.argv;
const client = await connect(tasks, url, { name });
const id = await client.submit('slow', JSON.parse(input));
console.log(id);
console.log(await client.result(id));
await client.close();
