import type { TestStore } from '../support/stores.ts';
import { useBench, useStore } from '../support/use-bench.ts';
import { bullmq } from './bullmq.ts';
import { cancelling } from './cancelling.ts';
import { closing } from './closing.ts';
import { context } from './context.ts';
import { errors } from './errors.ts';
import { ids } from './ids.ts';
import { limits } from './limits.ts';
import { mapping } from './mapping.ts';
import { order } from './order.ts';
import { results } from './results.ts';
import { schedules } from './schedules.ts';
import { schemas } from './schemas.ts';
import { sickResources } from './sick-resources.ts';
import { tracing } from './tracing.ts';
import { workers } from './workers.ts';

/** What holds on every store. A part that cannot hold on one is not left out without a reason. */
const PARTS = [
  results,
  ids,
  errors,
  sickResources,
  order,
  cancelling,
  limits,
  mapping,
  context,
  schemas,
  workers,
  tracing,
  schedules,
  bullmq,
  closing,
];

export function conformance(makeStore: () => Promise<TestStore>): void {
  const bench = useBench(useStore(makeStore));
  for (const part of PARTS) part(bench);
}
