import nodeConsole from 'node:console';
import { setImmediate } from 'node:timers/promises';

/** Does what no module should, as the item says. */
export default async (item) => {
  await setImmediate();
  if (item === 'exit') process.exit(0);
  if (item === 'reject') void Promise.reject(new Error('stray'));
  if (item === 'print') {
    process.stdout.write('by the stream\n');
    nodeConsole.log('by the console of Node');
    console.log('by the console');
  }
  return item;
};
