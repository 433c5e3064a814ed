import { timeOneByOne } from '../measure.mjs';

const COUNT = 200;
const SIZE = 64 * 2 ** 20;

export default {
  place: 4,
  title: 'An `ArrayBuffer` of 64 MB moved there and back on an idle pool, the median of 200',
  column: '64 MB, moved',
  unit: 'µs',
  tasksPerWorker: 1,
  without: ['bare-loop', 'poolifier'],
  notes: ['poolifier is left out: it cannot transfer a result.'],
  measure({ pass }) {
    let buffer = new ArrayBuffer(SIZE);
    return timeOneByOne(
      () => pass(buffer),
      COUNT,
      (result, index) => {
        if (buffer.byteLength > 0) throw new Error('the buffer must be moved, not copied');
        if (result.byteLength !== SIZE) throw new Error(`${SIZE} bytes must come back, got ${result.byteLength}`);
        const visits = (index + 1) % 256;
        if (new Uint8Array(result)[0] !== visits) throw new Error('each call must have been in the thread');
        buffer = result;
      },
    );
  },
};
