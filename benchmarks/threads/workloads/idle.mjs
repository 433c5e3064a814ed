import { timeOneByOne } from '../measure.mjs';

const COUNT = 1_000;

export default {
  place: 3,
  title: 'One call on an idle pool, there and back, the median of 1,000',
  column: 'one call, idle',
  unit: 'µs',
  tasksPerWorker: 1,
  without: ['bare-loop'],
  measure: ({ call, echo = (value) => call('noop', value) }) => timeOneByOne(echo, COUNT, check),
};

function check(value, index) {
  if (value !== index) throw new Error(`call ${index} must give ${index}, got ${value}`);
}
