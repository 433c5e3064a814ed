import { createCollector } from 'tasker';
import type { MetricsCollector } from 'tasker';

const ignore = (): void => {};

/** A collector that does no more than `methods` do. */
export function collecting(methods: Partial<MetricsCollector>): MetricsCollector {
  const inner = createCollector();
  return {
    recordArrival: ignore,
    recordCompletion: ignore,
    recordFailure: ignore,
    recordRetry: ignore,
    metrics: () => inner.metrics(),
    ...methods,
  };
}
