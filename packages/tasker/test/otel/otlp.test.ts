import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SpanKind, SpanStatusCode, context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { createTaskManager } from 'tasker';
import { describe, expect, it, onTestFinished } from 'vitest';
import { instrument } from '../../src/otel/index.ts';
import { watch } from '../support/harness.ts';
import { OtlpReceiver, read } from './otlp-receiver.ts';
import type { SentSpan } from './otlp-receiver.ts';

/** In OTLP kinds and states are counted from another number than in the API. */
const INTERNAL = SpanKind.INTERNAL + 1;

const nanos = ({ startTimeUnixNano, endTimeUnixNano }: SentSpan): [bigint, bigint] => [
  BigInt(startTimeUnixNano),
  BigInt(endTimeUnixNano),
];

/** The real SDK with the real exporters, and where they export to. */
async function exporting() {
  const receiver = await OtlpReceiver.start();
  const exporter = new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` });
  const tracerProvider = new NodeTracerProvider({
    spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize: 10_000 })],
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` }),
    exportIntervalMillis: 2 ** 30,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(async () => {
    context.disable();
    await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
  });
  return {
    receiver,
    tracerProvider,
    meterProvider,
    tracer: tracerProvider.getTracer('service'),
    flush: () => Promise.all([tracerProvider.forceFlush(), meterProvider.forceFlush()]),
  };
}

describe('by OTLP over HTTP', () => {
  it('the spans of a burst arrive, each below that of its submitter, with attributes, errors and links', async () => {
    const { receiver, tracer, tracerProvider, meterProvider, flush } = await exporting();
    const manager = await createTaskManager({
      workerCount: 4,
      maxQueueSize: 1_000,
      scaling: 'off',
      name: 'images',
      checkHealth: () => false,
      maxRetries: 1,
      retry: { backoff: () => 0 },
    });
    onTestFinished(() => void manager.stop());
    instrument(manager, { tracerProvider, meterProvider, attributes: { zone: 'a' } });

    const requests = Array.from({ length: 10 }, (_, i) =>
      tracer.startActiveSpan(`GET /${i}`, async (request) => {
        const tasks = Array.from({ length: 99 }, () =>
          manager.queueTask(
            async () => {
              await Promise.resolve();
              tracer.startSpan('SELECT', { links: [{ context: request.spanContext() }] }).end();
            },
            { name: 'thumbnail', key: `tenant ${i}` },
          ),
        );
        const sick = manager.queueTask(() => Promise.reject(new RangeError('sick')), { name: 'sick' });
        request.end();
        await Promise.allSettled([...tasks, sick]);
      }),
    );
    const refused = tracer.startActiveSpan('GET /full', (request) => {
      request.end();
      return Array.from({ length: 100 }, () => watch(manager.queueTask(() => 1, { name: 'refused' })));
    });
    await Promise.all(requests);
    await flush();

    expect(receiver.requests).toBeGreaterThan(2);
    const accepted = refused.filter(({ state }) => state === 'fulfilled').length;
    const tasks = receiver.of('tasker', 'thumbnail');
    expect([tasks.length, receiver.of('service', 'SELECT').length]).toEqual([990, 990]);
    expect(receiver.of('tasker', 'run')).toHaveLength(990 + 10 * 2 + accepted);
    const all = [...receiver.spans.values()].flat();
    const byId = new Map(all.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(all.length);
    for (const span of all) {
      const parent = byId.get(span.parentSpanId ?? '');
      const path = [parent?.name.replace(/\d/, 'N') ?? 'no parent', span.name.replace(/\d/, 'N')].join(' → ');
      expect(PATHS).toContain(path);
      expect([span.kind, parent?.traceId ?? span.traceId]).toEqual([INTERNAL, span.traceId]);
      const [[begin, end], [parentBegin = 0n]] = [nanos(span), parent === undefined ? [] : nanos(parent)];
      expect(begin <= end && parentBegin <= begin).toBe(true);
    }
    const [select] = receiver.of('service', 'SELECT');
    const task = byId.get(byId.get(select?.parentSpanId ?? '')?.parentSpanId ?? '');
    expect(select?.links).toMatchObject([{ traceId: task?.traceId, spanId: task?.parentSpanId }]);
    expect(read(task?.attributes ?? [])).toEqual({
      zone: 'a',
      'tasker.manager.name': 'images',
      'tasker.task.id': expect.any(String),
      'tasker.task.priority': 0,
      'tasker.task.key': byId.get(task?.parentSpanId ?? '')?.name.replace('GET /', 'tenant '),
      'tasker.attempt': 1,
      'tasker.worker.id': expect.any(Number),
      'tasker.worker.kind': 'base',
      'tasker.outcome': 'completed',
    });
    const [sick] = receiver.of('tasker', 'sick');
    expect(sick).toMatchObject({ status: { code: SpanStatusCode.ERROR }, events: [{ name: 'exception' }] });
    expect(read(sick?.events[0]?.attributes ?? [])).toMatchObject({ 'exception.type': 'RETRIES_EXHAUSTED' });
    const errors = receiver.of('tasker', 'refused').map(({ attributes }) => read(attributes)['error.type']);
    expect(errors.filter((type) => type === 'QUEUE_FULL')).toHaveLength(100 - accepted);
    expect(accepted).toBeLessThan(100);
  });

  it('the metrics arrive, with the same numbers', async () => {
    const { receiver, tracerProvider, meterProvider, flush } = await exporting();
    const manager = await createTaskManager({ workerCount: 4, scaling: 'off', name: 'images' });
    onTestFinished(() => void manager.stop());
    instrument(manager, { tracerProvider, meterProvider });
    const tasks = Array.from({ length: 500 }, (_, i) =>
      manager.queueTask(() => (i % 10 === 0 ? Promise.reject(i) : i)),
    );
    await Promise.allSettled(tasks);
    await flush();
    const own = { 'tasker.manager.name': 'images' };
    expect(
      new Map(receiver.points('tasker.tasks').map(([labels, value]) => [labels['tasker.outcome'], value])),
    ).toEqual(
      new Map([
        ['completed', 450],
        ['failed', 50],
      ]),
    );
    for (const name of ['tasker.task.wait.duration', 'tasker.task.run.duration']) {
      expect(receiver.points(name)).toEqual([[own, 500]]);
    }
    expect(receiver.points('tasker.resources.created')).toEqual([[own, manager.metrics().totalResourcesCreated]]);
    expect(receiver.points('tasker.workers')).toContainEqual([{ ...own, 'tasker.worker.state': 'idle' }, 4]);
    expect(receiver.metrics.map(({ name, unit, sum }) => [name, unit, sum?.isMonotonic])).toEqual(
      expect.arrayContaining([
        ['tasker.tasks', '{task}', true],
        ['tasker.task.run.duration', 's', undefined],
      ]),
    );
    await manager.stop();
    await flush();
    expect(receiver.points('tasker.workers')).toContainEqual([{ ...own, 'tasker.worker.state': 'idle' }, 0]);
  });

  it('what runs when the process is told to end arrives before it ends', async () => {
    const receiver = await OtlpReceiver.start();
    const program = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
      cwd: fileURLToPath(new URL('../../../..', import.meta.url)),
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void program.kill('SIGKILL'));
    await once(program.stdout, 'data');
    expect(receiver.requests).toBe(0);
    program.kill('SIGTERM');
    expect(await once(program, 'exit')).toEqual([143, null]);
    expect(receiver.of('tasker', 'task')).toHaveLength(20);
    expect(receiver.of('tasker', 'run')).toHaveLength(20);
    expect(receiver.points('tasker.tasks')).toEqual([
      [{ 'tasker.manager.name': 'images', 'tasker.outcome': 'completed' }, 20],
    ]);
  });
});

/** What is below what. */
const PATHS = [
  'no parent → GET /N',
  'no parent → GET /full',
  'GET /N → thumbnail',
  'GET /N → sick',
  'GET /full → refused',
  'thumbnail → run',
  'sick → run',
  'refused → run',
  'run → SELECT',
];

/** As the guide has it. */
const PROGRAM = `
  import { metrics } from '@opentelemetry/api';
  import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
  import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
  import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
  import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
  import { createTaskManager } from 'tasker';
  import { shutdownOnSignals } from 'tasker/node';
  import { instrument } from 'tasker/otel';

  const tracerProvider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
  tracerProvider.register();
  const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() });
  const meterProvider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(meterProvider);

  const manager = instrument(await createTaskManager({ workerCount: 4, scaling: 'off', name: 'images' }));
  shutdownOnSignals(manager, { exit: false });
  manager.on('stopped', async () => {
    await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
    process.exit(143);
  });
  const told = new Promise((resolve) => process.once('SIGTERM', resolve));
  setInterval(() => {}, 1_000);
  for (let i = 0; i < 20; i++) void manager.queueTask(() => told);
  console.log('ready');
`;
