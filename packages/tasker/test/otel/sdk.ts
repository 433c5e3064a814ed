import { SpanKind, context, propagation, trace } from '@opentelemetry/api';
import type { Attributes, HrTime } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { ReadableSpan, Sampler } from '@opentelemetry/sdk-trace-node';
import { onTestFinished } from 'vitest';

/** The real SDK for traces, with what it exports at hand; the context manager is registered for the test. */
export function tracing(sampler?: Sampler) {
  const exporter = new InMemorySpanExporter();
  const begun = { count: 0 };
  const tracerProvider = new NodeTracerProvider({
    ...(sampler !== undefined && { sampler }),
    spanProcessors: [
      new SimpleSpanProcessor(exporter),
      { onStart: () => void begun.count++, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} },
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(async () => {
    context.disable();
    trace.disable();
    propagation.disable();
    await tracerProvider.shutdown();
  });
  const spans = (name?: string): ReadableSpan[] =>
    exporter.getFinishedSpans().filter((span) => name === undefined || span.name === name);
  const span = (name: string): ReadableSpan => {
    const [found, ...others] = spans(name);
    if (found === undefined || others.length > 0) throw new Error(`${spans(name).length} spans ${name}`);
    return found;
  };
  return {
    tracerProvider,
    tracer: tracerProvider.getTracer('test'),
    spans,
    /** The only one of that name. */
    span,
    /** Spans that have begun and not ended. */
    open: () => begun.count - exporter.getFinishedSpans().length,
  };
}

export const millis = ([seconds, nanos]: HrTime): number => seconds * 1_000 + nanos / 1e6;
export const duration = (span: ReadableSpan): number => millis(span.endTime) - millis(span.startTime);
export const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;
export const isInternal = (span: ReadableSpan): boolean => span.kind === SpanKind.INTERNAL;

/** The real SDK for metrics. */
export function metering() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => meterProvider.shutdown());
  const collect = async () => {
    exporter.reset();
    await reader.forceFlush();
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  };
  return {
    meterProvider,
    /** What is exported: values and attributes by the name of the metric. */
    collect,
    values: async (name: string): Promise<[Attributes, unknown][]> =>
      (await collect())
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ dataPoints }) =>
          dataPoints.map(({ attributes, value }): [Attributes, unknown] => [attributes, value]),
        ),
  };
}
