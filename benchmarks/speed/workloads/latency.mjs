import { nextTurn } from '../../kit/measure.mjs';
import { median } from '../../kit/statistics.mjs';

const SAMPLES = 200;

export default {
  place: 5,
  title: 'One task at a time, each submitted in a new turn of the event loop to an idle contestant, 8 resources',
  unit: 'µs, median',
  cases: ['to its start', 'to its result'].map((name) => ({ name, count: SAMPLES })),
  async measure({ run }, { name, count }) {
    const times = [];
    let startedAt;
    const task = async () => {
      startedAt = performance.now();
    };
    for (let index = 0; index < count; index += 1) {
      await nextTurn();
      const submittedAt = performance.now();
      await run(task);
      const endedAt = name === 'to its start' ? startedAt : performance.now();
      times.push(endedAt - submittedAt);
    }
    return median(times) * 1_000;
  },
};
