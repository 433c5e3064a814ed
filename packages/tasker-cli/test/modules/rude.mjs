/** Does what no module should, as the item says. */
export default async (item) => {
  await null;
  if (item === 'exit') process.exit(0);
  if (item === 'reject') void Promise.reject(new Error('stray'));
  return item;
};
