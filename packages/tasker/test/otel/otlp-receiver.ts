import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** What of a span is sent, of what the tests look at. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly SentAttribute[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly SentAttribute[] }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number; readonly message?: string };
}

export interface SentMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: SentPoints & { readonly isMonotonic: boolean };
  readonly gauge?: SentPoints;
  readonly histogram?: SentPoints;
}

interface SentPoints {
  readonly dataPoints: readonly {
    readonly attributes: readonly SentAttribute[];
    readonly asDouble?: number;
    readonly asInt?: number;
    readonly count?: number;
    readonly sum?: number;
  }[];
}

interface SentAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Attributes as an object: each value is in a field that is named after its type. */
export function read(attributes: readonly SentAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly SentSpan[] }[];
  }[];
}

interface Metrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly SentMetric[];
    }[];
  }[];
}

/** A collector of OTLP over HTTP, on a free port of the loopback interface: it takes JSON, and keeps it. */
export class OtlpReceiver {
  /** All that came, by the scope: the library that made it. */
  readonly spans = new Map<string, SentSpan[]>();
  /** Those of the last export. */
  metrics: SentMetric[] = [];
  requests = 0;
  url = '';

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    const server = createServer((request, response) => {
      void receiver.#take(request).then(() => response.setHeader('content-type', 'application/json').end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    });
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return receiver;
  }

  /** Those of one scope, or of one name in it. */
  of(scope: string, name?: string): SentSpan[] {
    return (this.spans.get(scope) ?? []).filter((span) => name === undefined || span.name === name);
  }

  /** The points of a metric: attributes, and the value or the count. */
  points(name: string): [Record<string, unknown>, number | undefined][] {
    return this.metrics
      .filter((metric) => metric.name === name)
      .flatMap(({ sum, gauge, histogram }) => (sum ?? gauge ?? histogram)?.dataPoints ?? [])
      .map(({ attributes, asDouble, asInt, count }) => [read(attributes), count ?? asDouble ?? asInt]);
  }

  async #take(request: IncomingMessage): Promise<void> {
    this.requests++;
    const body: unknown = await json(request);
    if (request.url === '/v1/traces') this.#takeTraces(body as Traces);
    if (request.url === '/v1/metrics') this.#takeMetrics(body as Metrics);
  }

  #takeTraces({ resourceSpans }: Traces): void {
    for (const { scopeSpans } of resourceSpans) {
      for (const { scope, spans } of scopeSpans) this.spans.set(scope.name, [...this.of(scope.name), ...spans]);
    }
  }

  #takeMetrics({ resourceMetrics }: Metrics): void {
    this.metrics = resourceMetrics
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .filter(({ scope }) => scope.name === 'tasker')
      .flatMap(({ metrics }) => metrics);
  }
}
