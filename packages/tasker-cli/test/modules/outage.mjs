/**
 * After the first item no resource can be made for a while: until the try number `TRIES`. One is made for each worker, and at first there
 * is one.
 */
const TRIES = Number(process.env.TRIES);
let tries = 0;
export default {
  maxWorkerCount: 1,
  createBackoff: () => 1,
  onCreate: () => {
    tries++;
    if (tries > 1 && tries < TRIES) throw new Error('the database is away');
    return {};
  },
  onDestroy: () => {},
  run: (item, _resource, { invalidate }) => {
    if (item === 'first') invalidate();
    return tries;
  },
};
