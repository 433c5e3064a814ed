import { Effect, Exit, Pool, Scope } from 'effect';
import { makeResource } from './free-list.mjs';

export const packages = ['effect'];

export const mostTasks = 10_000;
export const note = 'effect gets no more than 10,000 tasks at once, since 100,000 take seconds.';

export async function open({ concurrency }) {
  const scope = await Effect.runPromise(Scope.make());
  const acquire = Effect.acquireRelease(Effect.sync(makeResource), () => Effect.void);
  const pool = await Effect.runPromise(Pool.make({ acquire, size: concurrency }).pipe(Scope.provide(scope)));
  return {
    run: (task) => Effect.runPromise(Pool.use(pool, (resource) => Effect.promise(() => task(resource)))),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  };
}
