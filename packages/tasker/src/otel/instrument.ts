import { createNoopMeter, metrics, trace } from '@opentelemetry/api';
import type { Attributes, Meter, MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api';
import type { TaskManager } from '../index.ts';
import { unref } from '../primitives/clock.ts';
import { onEnd } from '../primitives/on-end.ts';
import { hasMethods, invalid, readArgument, requireManager } from '../primitives/option-rules.ts';
import type { Rule } from '../primitives/option-rules.ts';
import { ATTRIBUTES, textOf } from './attributes.ts';
import { measure } from './measure.ts';
import { Tracing } from './tracing.ts';

/** Options of {@link instrument}. */
export interface InstrumentOptions {
  /** Default: the one that is registered with the API. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Default: the one that is registered with the API. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Added to every span and measurement. */
  readonly attributes?: Attributes | undefined;
}

const RULES: Record<keyof InstrumentOptions, Rule> = {
  tracerProvider: ['an object with a getTracer method', (value) => hasMethods(value, 'getTracer')],
  meterProvider: ['an object with a getMeter method', (value) => hasMethods(value, 'getMeter')],
  attributes: ATTRIBUTES,
};

/** The instrumentation scope. */
const SCOPE = 'tasker';

/** Milliseconds between two looks for an SDK. */
const LOOK_INTERVAL = 1_000;

/** The managers that are instrumented, and with which options. */
const instrumented = new WeakMap<object, InstrumentOptions>();

/**
 * Traces and measures the tasks of a manager, however they are submitted, from now on; returns that manager.
 *
 * Each task has a span from its submission to its settlement, which is a child of the span that is active where it is submitted. Below
 * it is a span `run` for each attempt, active while the function runs. Metrics are named in the guide.
 *
 * Where no SDK is registered, no task is looked at; one that is registered later is found within a second. To call it again with the same
 * options changes nothing. Throws `INVALID_CONFIG`, also if the manager is instrumented with other options.
 *
 * @example
 * ```ts
 * import { createTaskManager } from 'tasker';
 * import { instrument } from 'tasker/otel';
 *
 * await using manager = instrument(await createTaskManager({ workerCount: 4, name: 'images' }));
 * await manager.queueTask(async () => 42, { name: 'thumbnail' }); // a span `thumbnail`, and `run` below it
 * ```
 */
export function instrument<R>(manager: TaskManager<R>, options: InstrumentOptions = {}): TaskManager<R> {
  requireManager(manager, 'on', 'now', 'stats', 'metrics', 'intercept', 'stop');
  const { tracerProvider, meterProvider, attributes = {} } = readArgument(options, RULES);
  const before = instrumented.get(manager);
  if (before !== undefined) {
    if (isSame(before, { tracerProvider, meterProvider, attributes })) return manager;
    throw invalid(`the manager ${manager.name} is instrumented already, with other options`);
  }
  instrumented.set(manager, { tracerProvider, meterProvider, attributes: { ...attributes } });
  const own = { ...attributes, 'tasker.manager.name': manager.name };

  let isTraced = false;
  let isMeasured = false;
  const look = (): boolean => {
    const tracer = isTraced ? undefined : tracerOf(tracerProvider ?? trace.getTracerProvider());
    const meter = isMeasured ? undefined : meterOf(meterProvider ?? metrics.getMeterProvider());
    isTraced ||= tracer !== undefined;
    isMeasured ||= meter !== undefined;
    if (tracer !== undefined) new Tracing(tracer, manager, own).start();
    if (meter !== undefined) measure(meter, manager, own);
    return isTraced && isMeasured; // one may be registered long after the other
  };
  if (!look()) lookAgain(manager, look);
  return manager;
}

function isSame(a: InstrumentOptions, b: InstrumentOptions): boolean {
  return (
    a.tracerProvider === b.tracerProvider &&
    a.meterProvider === b.meterProvider &&
    textOf(a.attributes) === textOf(b.attributes)
  );
}

function lookAgain<R>(manager: TaskManager<R>, look: () => boolean): void {
  const end = (): void => {
    clearInterval(timer);
    forget();
  };
  const timer = setInterval(() => {
    if (look()) end();
  }, LOOK_INTERVAL);
  unref(timer);
  const forget = onEnd(manager, end);
}

/** Undefined as long as the tracer would do nothing: behind the provider that the API gives out no SDK is registered. */
function tracerOf(provider: TracerProvider): Tracer | undefined {
  const { getDelegateTracer } = provider as { getDelegateTracer?: (name: string) => Tracer | undefined };
  return getDelegateTracer === undefined ? provider.getTracer(SCOPE) : getDelegateTracer.call(provider, SCOPE);
}

/** Undefined if the meter would do nothing. */
function meterOf(provider: MeterProvider): Meter | undefined {
  const meter = provider.getMeter(SCOPE);
  return meter === createNoopMeter() ? undefined : meter;
}
