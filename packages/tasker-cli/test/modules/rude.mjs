import { setImmediate } from 'node:timers/promises';

/** Does what no module should, as the item says. */
export default async (item) => {
  await setImmediate();
  if (item === 'exit') process.exit(0);
  if (item === 'reject') void Promise.reject(new Error('stray'));
  return item;
};
