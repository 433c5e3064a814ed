import { roots } from '../modules/functions.mjs';
import { timeAtOnce } from '../measure.mjs';

const CALLS = 20_000;
const COUNT = 20_000;
const expected = roots(COUNT);

export default {
  place: 2,
  title: '20,000 calls at once of 20,000 `Math.sqrt`',
  column: '20,000 `Math.sqrt`',
  unit: 'µs per call',
  tasksPerWorker: 32,
  every: 3,
  notes: ['The main thread and its garbage collector need a core as well, so two threads do not get two cores.'],
  measure: (subject) => (subject.call === undefined ? timeLoop(subject) : timeCalls(subject)),
};

const timeCalls = ({ call }) =>
  timeAtOnce(
    () => call('roots', COUNT),
    CALLS,
    () => expected,
  );

async function timeLoop({ loop }) {
  const startedAt = performance.now();
  const sum = await loop(CALLS, COUNT);
  const elapsed = performance.now() - startedAt;
  // Added up in another order, so rounded otherwise.
  if (Math.abs(sum / (CALLS * expected) - 1) > 1e-9) throw new Error(`the sum must be ${CALLS * expected}, got ${sum}`);
  return (elapsed / CALLS) * 1_000;
}
