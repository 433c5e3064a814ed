// Opens a store, and says how that went.
import { connect } from 'tasker-distributed';
import { tasks } from './tasks.mjs';

const [, , url] = process.argv;
try {
  await connect(tasks, url);
  console.log('open');
  setInterval(() => {}, 1_000_000);
} catch (error) {
  console.log(`${error.code} ${error.message}`);
}
