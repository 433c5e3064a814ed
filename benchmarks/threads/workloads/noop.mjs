import { timeAtOnce } from '../measure.mjs';

const COUNT = 20_000;
const identity = (value) => value;

export default {
  place: 1,
  title: '20,000 calls at once of a function that returns its argument',
  column: 'no-op calls',
  unit: 'µs per call',
  tasksPerWorker: 32,
  every: 2,
  without: ['bare-loop'],
  measure: ({ call }) => timeAtOnce((index) => call('noop', index), COUNT, identity),
};
