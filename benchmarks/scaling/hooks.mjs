// Resources that take their time, fail and die as the load says.

import { sourceOf } from './random.mjs';

/** The hooks `create` and `destroy`, and `dieAll`, for one run. */
export function hooksFor(load, seed, clock, meter) {
  const duration = load.creation(sourceOf(seed, 'creations'));
  const live = new Set();
  let count = 0;
  const pass = (ms) => new Promise((resolve) => clock.setTimeout(resolve, ms));
  return {
    /** `invalidate` is called when the resource dies. */
    async create(invalidate) {
      const ms = duration();
      const failsAfter = meter.hasBegun ? load.fails?.(meter.attempts.length + 1, meter.now) : undefined;
      meter.creating();
      await pass(failsAfter ?? ms);
      if (failsAfter !== undefined) {
        meter.notCreated();
        throw new Error('the creation failed');
      }
      const resource = { id: ++count, invalidate, users: 0, isUsed: false };
      live.add(resource);
      meter.created(resource);
      return resource;
    },

    async destroy(resource) {
      if (resource.users > 0) meter.violations.push(`resource ${resource.id} was destroyed in use`);
      live.delete(resource);
      await pass(load.destruction);
      meter.destroyed();
    },

    dieAll() {
      for (const resource of [...live]) resource.invalidate();
    },
  };
}
