import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Bench } from '../support/bench.ts';
import type { TestStore } from '../support/stores.ts';
import { cancelling } from './cancelling.ts';
import { closing } from './closing.ts';
import { context } from './context.ts';
import { errors } from './errors.ts';
import { order } from './order.ts';
import { results } from './results.ts';
import { schedules } from './schedules.ts';
import { schemas } from './schemas.ts';
import { sickResources } from './sick-resources.ts';
import { workers } from './workers.ts';

/** What holds on every store. A part that cannot hold on one is not left out without a reason. */
const PARTS = [results, errors, sickResources, order, cancelling, context, schemas, workers, schedules, closing];

export function conformance(makeStore: () => Promise<TestStore>): void {
  let store: TestStore;
  let bench: Bench;

  beforeAll(async () => {
    store = await makeStore();
  });
  afterAll(() => store?.remove());
  beforeEach(() => {
    bench = new Bench(store.url);
  });
  afterEach(() => bench.close());

  for (const part of PARTS) part(() => bench);
}
