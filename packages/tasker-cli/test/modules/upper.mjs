/** Fails on what begins with `bad`, twice at most on `flaky`; gives back what JSON cannot hold on `big`. */
let flaky = 0;
export default (item, { index, log }) => {
  if (item === 'log') log(`item ${index}`);
  if (item === 'big') return 1n;
  if (item === 'nothing') return undefined;
  if (item === 'flaky' && flaky++ < 2) throw new Error('not yet');
  if (String(item).startsWith('bad')) throw Object.assign(new RangeError('no good'), { code: 'E_BAD' });
  return typeof item === 'string' ? item.toUpperCase() : item;
};
