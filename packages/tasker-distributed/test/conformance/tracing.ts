import { context, propagation, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { BullMQOtel } from 'bullmq-otel';
import { instrument } from 'tasker/otel';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defineTasks } from '../../src/index.ts';
import type { Bench } from '../support/bench.ts';
import { until } from '../support/until.ts';

/** The real SDK and the real `bullmq-otel`, for the length of a test. */
function telemetry() {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  onTestFinished(async () => {
    trace.disable();
    context.disable();
    propagation.disable();
    await provider.shutdown();
  });
  const spans = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);
  const isBelow = (span: ReadableSpan | undefined, ancestor: ReadableSpan | undefined): boolean => {
    const all = new Map(exporter.getFinishedSpans().map((one) => [one.spanContext().spanId, one]));
    for (let up = span; up !== undefined; up = all.get(up.parentSpanContext?.spanId ?? '')) {
      if (up === ancestor) return true;
    }
    return false;
  };
  return { tracer: provider.getTracer('test'), telemetry: new BullMQOtel({}), spans, isBelow };
}

export function tracing(bench: () => Bench): void {
  describe('telemetry', () => {
    test('has what a worker does below what has submitted it, each task below its own', async () => {
      const { tracer, telemetry: bullmq, spans, isBelow } = telemetry();
      const tasks = defineTasks()({
        greet: (_, name: string) => tracer.startActiveSpan(`greet ${name}`, (span) => span.end()),
      });
      const worker = await bench().worker(tasks, { telemetry: bullmq });
      instrument(worker.manager);
      const client = await bench().client(tasks, { telemetry: bullmq });
      const request = (name: string): Promise<void> =>
        tracer.startActiveSpan(`request ${name}`, async (span) => {
          await client.queueTask('greet', name);
          span.end();
        });
      // At once, so that some go to the store together.
      const names = ['a', 'b', 'c', 'd'];
      await Promise.all(names.map(request));
      await until(() => spans(`process ${bench().name}`).length === names.length, 'the spans of the worker');
      for (const name of names) {
        const [inside, others] = spans(`greet ${name}`);
        expect(others).toBeUndefined();
        const [outside] = spans(`request ${name}`);
        expect(isBelow(inside, outside), name).toBe(true);
        expect(spans(`process ${bench().name}`).filter((span) => isBelow(inside, span)).length).toBe(1);
        expect(spans('run').filter((span) => isBelow(inside, span)).length).toBe(1);
      }
    });
  });
}
