// What may look at a manager. Each is made in a process of its own.

import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Registry } from 'prom-client';
import { importCore } from '../kit/core.mjs';

const { instrument } = await importCore('./otel/index.js');
const { registerManager } = await importCore('./prometheus/index.js');
const { publishEvents } = await importCore('./node/index.js');

/** Takes spans, and drops them: what an exporter does with them is its own. */
const dropping = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };

function startTracing(options = {}) {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(new NodeTracerProvider({ spanProcessors: [dropping], ...options }));
}

class IdleReader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

/** @type {Record<string, (manager: any) => unknown>} */
export const CONTESTANTS = {
  nothing: () => {},
  'tasker/otel, no SDK': instrument,
  'tasker/otel, metrics': (manager) => {
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new IdleReader()] }));
    instrument(manager);
  },
  'tasker/otel, traces not sampled': (manager) => {
    startTracing({ sampler: new AlwaysOffSampler() });
    instrument(manager);
  },
  'tasker/otel, traces': (manager) => {
    startTracing();
    instrument(manager);
  },
  'tasker/prometheus': (manager) => registerManager(new Registry(), manager),
  'tasker/node, nobody subscribed': publishEvents,
};
