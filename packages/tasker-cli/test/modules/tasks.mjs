import { defineTasks } from 'tasker-distributed';

/** A schema as any library makes it: an object with a number `n`. */
const schema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof value?.n === 'number' ? { value } : { issues: [{ message: 'must be a number', path: ['n'] }] },
  },
};

/** Tasks of a definition, on a resource. */
export default {
  onCreate: () => ({ factor: 2 }),
  onDestroy: () => console.error('destroyed'),
  maxWorkerCount: 1,
  tasks: defineTasks()({
    double: { input: schema, run: ({ factor }, { n }) => n * factor },
    echo: (_resource, input) => input ?? 'nothing',
    fail: () => {
      throw Object.assign(new RangeError('no good'), { code: 'E_BAD' });
    },
  }),
};
