// A connection breaks under one user. Who gets it next?

import { Effect, Pool, Scope } from 'effect';
import { breaks, openTasker, outcomeOf } from '../measure.mjs';

async function effectPool(create, onFailure) {
  const scope = await Effect.runPromise(Scope.make());
  const acquire = Effect.acquireRelease(Effect.sync(create), () => Effect.void);
  const pool = await Effect.runPromise(Pool.make({ acquire, size: 1 }).pipe(Scope.provide(scope)));
  return (task) =>
    Pool.get(pool).pipe(
      Effect.flatMap((resource) =>
        Effect.tryPromise(() => task(resource)).pipe(Effect.tapError(() => onFailure(pool, resource))),
      ),
      Effect.scoped,
      Effect.runPromise,
    );
}

const idOf = async ({ id }) => id;

export default {
  title: 'a use fails with ECONNRESET',
  notes: ['An Effect Pool leaves it to each use to call Pool.invalidate; `tasker` asks `checkHealth`, given once.'],
  contestants: {
    'effect Pool': (create) => effectPool(create, () => Effect.void),
    'effect Pool, with Pool.invalidate': (create) =>
      effectPool(create, (pool, resource) => Pool.invalidate(pool, resource)),
    tasker: async (create) => {
      const manager = await openTasker({ onCreate: create, checkHealth: (error) => error.code !== 'ECONNRESET' });
      return (task) => manager.queueTaskOnce(task);
    },
  },
  async scenario(open) {
    let made = 0;
    const use = await open(() => ({ id: (made += 1) }));
    const first = await outcomeOf(use(breaks), 1_000);
    const { state, value } = await outcomeOf(use(idOf), 1_000);
    const which = value > 1 ? 'a new one' : 'the same';
    return {
      right: first.state === 'rejected' && state === 'fulfilled' && value > 1,
      outcome: state === 'fulfilled' ? `the next user gets ${which}` : state,
    };
  },
};
