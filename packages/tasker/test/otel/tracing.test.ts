import { SpanStatusCode, context, metrics, propagation, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, NodeTracerProvider, ParentBasedSampler } from '@opentelemetry/sdk-trace-node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { instrument } from '../../src/otel/index.ts';
import { start, startBusy, watch } from '../support/harness.ts';
import { duration, isInternal, metering, millis, parentOf, tracing } from './sdk.ts';

/** A time of the day, in whole milliseconds. */
const DAY = Date.UTC(2026, 10, 30);

describe('the span of a task', () => {
  it('is a child of the span that is active where the task is submitted, whatever submits it', async () => {
    const { clock, manager } = await start();
    const { tracer, tracerProvider, span } = tracing();
    expect(instrument(manager, { tracerProvider })).toBe(manager);
    const done = tracer.startActiveSpan('request', async (request) => {
      await Promise.all([
        manager.queueTask(() => 1, { name: 'queued' }),
        manager.queueTaskOnce(() => 1, { name: 'once' }),
        manager.queueTaskWithPriority(() => 1, { name: 'high' }),
        manager.runTask(() => 1, { name: 'direct' }),
        manager.submit(() => 1, { name: 'submitted' }).result,
        manager.map(['item'], (item) => item, { name: 'mapped' }).next(),
        manager.queueTask({ execute: () => 1 }),
      ]);
      request.end();
    });
    await clock.advance(100);
    await done;
    const request = span('request').spanContext();
    for (const name of ['queued', 'once', 'high', 'direct', 'submitted', 'mapped', 'task']) {
      expect([name, parentOf(span(name)), span(name).spanContext().traceId]).toEqual([
        name,
        request.spanId,
        request.traceId,
      ]);
      expect(isInternal(span(name))).toBe(true);
    }
  });

  it('lasts from submission to settlement, by the clock of the manager and in the time of the day', async () => {
    const { clock, manager, sleep, open } = await startBusy();
    const { tracerProvider, span, spans } = tracing();
    instrument(manager, { tracerProvider });
    const before = Date.now();
    watch(manager.queueTask(() => sleep(30), { name: 'waits' }));
    const after = Date.now();
    await clock.advance(70);
    open();
    await clock.advance(0);
    await clock.advance(30);
    expect(millis(span('waits').startTime)).toBeGreaterThanOrEqual(before);
    expect(millis(span('waits').startTime)).toBeLessThanOrEqual(after);
    expect(duration(span('waits'))).toBeCloseTo(100, 3);
    const [run] = spans('run');
    expect(run && [millis(run.startTime) - millis(span('waits').startTime), duration(run)]).toEqual([
      expect.closeTo(70, 3),
      expect.closeTo(30, 3),
    ]);
  });

  it('begins no later than what its function does, and lasts as long as it did, at any time of a millisecond', async () => {
    const { clock, manager, sleep } = await startBusy({ workerCount: 2 });
    const { tracer, tracerProvider, span } = tracing();
    instrument(manager, { tracerProvider });
    const date = vi.spyOn(Date, 'now').mockReturnValue(DAY);
    onTestFinished(() => date.mockRestore());
    manager.pause();
    const task = manager.queueTask(
      async () => {
        tracer.startSpan('query').end();
        await sleep(0.25);
      },
      { name: 'short' },
    );
    await clock.advance(0.75);
    manager.resume();
    await clock.advance(0.25);
    await task;
    const starts = ['short', 'run', 'query'].map((name) => millis(span(name).startTime));
    expect(starts).toEqual([DAY, DAY, DAY]);
    expect([duration(span('short')), duration(span('run'))]).toEqual([expect.closeTo(1), expect.closeTo(0.25)]);
  });

  it('says which task of which manager it was, and on what it ran', async () => {
    const { clock, manager } = await start({ name: 'images' });
    const { tracerProvider, span } = tracing();
    instrument(manager, { tracerProvider, attributes: { 'deployment.color': 'blue' } });
    let id = '';
    let worker = -1;
    const task = manager.queueTask(
      (_resource, context) => {
        id = context.id;
        worker = context.worker.id;
      },
      { name: 'thumb', priority: 3, key: 'tenant' },
    );
    await clock.advance(0);
    await task;
    const attributes = {
      'deployment.color': 'blue',
      'tasker.manager.name': 'images',
      'tasker.task.id': id,
      'tasker.task.priority': 3,
      'tasker.task.key': 'tenant',
      'tasker.attempt': 1,
      'tasker.worker.id': worker,
      'tasker.worker.kind': 'base',
    };
    expect(span('thumb').attributes).toEqual({ ...attributes, 'tasker.outcome': 'completed' });
    expect(span('run').attributes).toEqual(attributes);
    expect(span('thumb').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('has a child run for each attempt, below which are the spans of the function', async () => {
    const { clock, manager } = await start({ checkHealth: () => false, maxRetries: 1 });
    const { tracer, tracerProvider, span, spans, open } = tracing();
    instrument(manager, { tracerProvider });
    const task = watch(
      manager.queueTask(
        async (_resource, { attempt }) => {
          await Promise.resolve();
          tracer.startSpan(`query ${attempt}`).end();
          if (attempt === 1) throw new RangeError('sick');
        },
        { name: 'flaky' },
      ),
    );
    await clock.advance(5_000);
    expect(task.state).toBe('fulfilled');
    const [first, second] = spans('run');
    expect(spans('run').map(parentOf)).toEqual(Array(2).fill(span('flaky').spanContext().spanId));
    expect(spans('run').map(({ attributes }) => attributes['tasker.attempt'])).toEqual([1, 2]);
    expect(parentOf(span('query 1'))).toBe(first?.spanContext().spanId);
    expect(parentOf(span('query 2'))).toBe(second?.spanContext().spanId);
    expect(first?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'sick' });
    expect(first?.events.map(({ name, attributes }) => [name, attributes?.['exception.type']])).toEqual([
      ['exception', 'RangeError'],
    ]);
    expect(second?.status.code).toBe(SpanStatusCode.UNSET);
    expect(span('flaky').status.code).toBe(SpanStatusCode.UNSET);
    expect(span('flaky').attributes).toMatchObject({ 'tasker.attempt': 2, 'tasker.outcome': 'completed' });
    expect(open()).toBe(0);
  });

  it('is the parent of the spans of tasks that the function submits, by way of its run', async () => {
    const { clock, manager } = await start({ workerCount: 2 });
    const { tracerProvider, span, spans } = tracing();
    instrument(manager, { tracerProvider });
    const outer = manager.queueTask(() => manager.queueTask(() => 1, { name: 'inner' }), { name: 'outer' });
    await clock.advance(0);
    await outer;
    const run = spans('run').find((run) => parentOf(run) === span('outer').spanContext().spanId);
    expect(parentOf(span('inner'))).toBe(run?.spanContext().spanId);
  });

  it('is that of the submitter also where the manager carries no async context, with its baggage', async () => {
    const { clock, manager } = await start({ asyncContext: false });
    const { tracer, tracerProvider, span } = tracing();
    instrument(manager, { tracerProvider });
    let user: string | undefined;
    tracer.startActiveSpan('request', (request) => {
      const baggage = propagation.createBaggage({ user: { value: 'ada' } });
      context.with(propagation.setBaggage(context.active(), baggage), () => {
        watch(
          manager.queueTask(() => {
            user = propagation.getActiveBaggage()?.getEntry('user')?.value;
          }),
        );
      });
      request.end();
    });
    await clock.advance(0);
    expect(parentOf(span('task'))).toBe(span('request').spanContext().spanId);
    expect(user).toBe('ada');
  });

  it('records a failure as an exception, with status ERROR', async () => {
    const { clock, manager } = await start();
    const { tracerProvider, span } = tracing();
    instrument(manager, { tracerProvider });
    const fail = (name: string, error: unknown): void =>
      void watch(
        manager.queueTask(
          () => {
            throw error;
          },
          { name },
        ),
      );
    fail('range', new RangeError('too far'));
    fail('code', Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    fail('text', 'only text');
    fail('nothing', undefined);
    fail(
      'hostile',
      new Proxy(new Error('x'), {
        get: () => {
          throw new Error('no');
        },
      }),
    );
    await clock.advance(0);
    const said = (name: string): unknown[] => {
      const { status, events, attributes } = span(name);
      const [exception] = events;
      return [status.code, status.message, attributes['error.type'], exception?.attributes?.['exception.message']];
    };
    expect(said('range')).toEqual([SpanStatusCode.ERROR, 'too far', 'RangeError', 'too far']);
    expect(span('range').events[0]?.attributes?.['exception.stacktrace']).toContain('RangeError: too far');
    expect(said('code')).toEqual([SpanStatusCode.ERROR, 'gone', 'ECONNRESET', 'gone']);
    expect(said('text')).toEqual([SpanStatusCode.ERROR, '"only text"', '"only text"', '"only text"']);
    expect(said('nothing').slice(0, 2)).toEqual([SpanStatusCode.ERROR, 'undefined']);
    expect(said('hostile').slice(0, 2)).toEqual([SpanStatusCode.ERROR, '[unprintable]']);
    expect(span('range').attributes['tasker.outcome']).toBe('failed');
  });
});

describe('a task that ends before its function, or without', () => {
  it.each(['cancel', 'timeout', 'kill', 'stop in time'] as const)('by %s leaves no span open', async (how) => {
    const { clock, manager, sleep } = await start({ abandonAfter: 10_000, destroyTimeout: 10, scaling: 'off' });
    const { tracerProvider, span, open } = tracing();
    instrument(manager, { tracerProvider });
    const running = manager.submit(() => sleep(60_000), {
      name: 'running',
      timeout: how === 'timeout' ? 20 : Infinity,
    });
    watch(running.result);
    const waiting = manager.submit(() => 1, { name: 'waiting' });
    watch(waiting.result);
    await clock.advance(10);
    if (how === 'cancel') manager.cancel(running.id, new Error('not wanted'));
    if (how === 'cancel' || how === 'timeout') waiting.cancel();
    if (how === 'kill') void manager.kill();
    if (how === 'stop in time') void manager.stop({ timeout: 10 });
    await clock.advance(10);
    expect(open()).toBe(0);
    const outcome = how === 'timeout' ? 'failed' : 'cancelled';
    for (const name of ['running', 'run']) {
      expect(span(name).attributes['tasker.outcome']).toBe(outcome);
      expect(span(name).status.code).toBe(how === 'timeout' ? SpanStatusCode.ERROR : SpanStatusCode.UNSET);
    }
    expect(span('waiting').attributes['tasker.outcome']).toBe('cancelled');
    expect(span('waiting').attributes).not.toHaveProperty('tasker.attempt');
    await clock.advance(60_000);
    expect(open()).toBe(0);
  });

  it.each([
    ['cleared', 'DROPPED', 'drop-oldest'],
    ['pushed out', 'DROPPED', 'drop-oldest'],
    ['refused', 'QUEUE_FULL', 'reject'],
  ] as const)('because it was %s is in the trace of its submitter, with the error %s', async (how, code, onFull) => {
    const { manager, settle } = await startBusy({ maxQueueSize: how === 'refused' ? 0 : 1, onFull });
    const { tracer, tracerProvider, span, spans, open } = tracing();
    instrument(manager, { tracerProvider });
    tracer.startActiveSpan('request', (request) => {
      watch(manager.queueTask(() => 1, { name: how }));
      request.end();
    });
    if (how === 'pushed out') watch(manager.queueTask(() => 1, { name: 'newcomer' }));
    await settle();
    manager.clear();
    await settle();
    const { attributes, status, events } = span(how);
    expect(attributes).toMatchObject({ 'tasker.outcome': 'dropped', 'error.type': code });
    expect(status.code).toBe(SpanStatusCode.ERROR);
    expect(events.map(({ name }) => name)).toEqual(['exception']);
    expect(parentOf(span(how))).toBe(span('request').spanContext().spanId);
    expect(spans('run')).toEqual([]);
    expect(open()).toBe(0);
  });

  it('because it was refused is not sampled if its submitter is not', async () => {
    const { manager, settle } = await startBusy({ maxQueueSize: 0 });
    const { tracer, tracerProvider, spans } = tracing(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
    instrument(manager, { tracerProvider });
    tracer.startActiveSpan('request', () => watch(manager.queueTask(() => 1)));
    await settle();
    expect(spans()).toEqual([]);
  });

  it('before it is submitted, or with nobody to hear of it, has no span', async () => {
    const { manager, settle } = await startBusy();
    watch(manager.queueTask(() => 1));
    const { tracerProvider, spans, open } = tracing();
    instrument(manager, { tracerProvider });
    watch(manager.queueTask(() => 1, { signal: AbortSignal.abort() }));
    manager.clear();
    await settle();
    expect([spans(), open()]).toEqual([[], 0]);
  });
});

describe('a function', () => {
  it('that returns at once is not made to wait, and its span ends when it returns', async () => {
    const { manager, settle } = await start();
    const { tracerProvider, span } = tracing();
    instrument(manager, { tracerProvider });
    const task = watch(manager.queueTask(() => 7));
    await settle();
    expect([task.value, span('run').ended]).toEqual([7, true]);
  });

  it('that returns a thenable has its then called once, in the span of the run', async () => {
    const { manager, settle } = await start();
    const { tracer, tracerProvider, span, spans } = tracing();
    instrument(manager, { tracerProvider });
    let calls = 0;
    const query = {
      // oxlint-disable-next-line unicorn/no-thenable -- what query builders are
      then(resolve: (value: number) => void) {
        calls++;
        tracer.startSpan('select').end();
        resolve(42);
      },
    };
    const task = watch(manager.queueTask(() => query as never));
    await settle();
    expect([task.value, calls]).toEqual([42, 1]);
    expect(parentOf(span('select'))).toBe(spans('run')[0]?.spanContext().spanId);
  });
});

describe('an SDK that throws', () => {
  it.each(['onStart', 'onEnd'] as const)('in %s changes nothing for the task', async (method) => {
    const { manager, settle } = await start();
    tracing();
    const quiet = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
    const throwing = {
      ...quiet,
      [method]: ({ name }: { name: string }) => {
        if (name === 'run') throw new Error('full');
      },
    };
    instrument(manager, { tracerProvider: new NodeTracerProvider({ spanProcessors: [throwing] }) });
    const failure = new Error('no');
    const tasks = [
      watch(manager.queueTask(() => 1)),
      watch(manager.queueTask(async () => 2)),
      watch(manager.queueTask(() => Promise.reject(failure))),
    ];
    await settle();
    expect(tasks.map(({ value, error }) => value ?? error)).toEqual([1, 2, failure]);
  });
});

describe('a task that is not sampled', () => {
  it('records nothing, and neither does what it calls', async () => {
    const { manager, settle } = await start();
    const { tracer, tracerProvider, spans } = tracing(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
    instrument(manager, { tracerProvider });
    let isRecording: boolean | undefined;
    const task = watch(
      manager.queueTask(() => {
        isRecording = tracer.startSpan('query').isRecording();
        return trace.getActiveSpan()?.spanContext().traceId;
      }),
    );
    await settle();
    expect(isRecording).toBe(false);
    expect(task.value).toMatch(/^[0-9a-f]{32}$/);
    expect(spans()).toEqual([]);
  });
});

describe('the provider', () => {
  it('is by default the one that is registered with the API', async () => {
    const { manager, settle } = await start();
    const { tracerProvider, spans } = tracing();
    trace.setGlobalTracerProvider(tracerProvider);
    instrument(manager);
    watch(manager.queueTask(() => 1));
    await settle();
    expect(spans('task')).toHaveLength(1);
  });

  it('that is registered later is found within a second; until then no task is looked at', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { manager, settle } = await start();
      const [on, intercept] = [vi.spyOn(manager, 'on'), vi.spyOn(manager, 'intercept')];
      instrument(manager);
      expect(on.mock.calls.map(([event]) => event)).toEqual(['stopped']);
      expect(intercept).not.toHaveBeenCalled();
      const { tracerProvider, spans } = tracing();
      trace.setGlobalTracerProvider(tracerProvider);
      vi.advanceTimersByTime(1_000);
      watch(manager.queueTask(() => 1));
      await settle();
      expect(spans('task')).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not looked for when the manager was over before', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { manager, settle } = await start();
    void manager.kill();
    await settle();
    instrument(manager);
    await settle();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is registered before the one of metrics does not hide that, and nothing is looked for once both are there', async () => {
    const { meterProvider, values } = metering();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      metrics.disable();
      vi.useRealTimers();
    });
    const { manager, settle } = await start({ name: 'images' });
    const { tracerProvider, spans } = tracing();
    trace.setGlobalTracerProvider(tracerProvider);
    instrument(manager);
    vi.advanceTimersByTime(1_000);
    metrics.setGlobalMeterProvider(meterProvider);
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(0);
    watch(manager.queueTask(() => 1));
    await settle();
    expect(spans('task')).toHaveLength(1);
    const completed = { 'tasker.manager.name': 'images', 'tasker.outcome': 'completed' };
    expect(await values('tasker.tasks')).toEqual([[completed, 1]]);
  });

  it('is looked for no more when the manager has stopped', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const { manager, settle } = await start();
      instrument(manager);
      expect(vi.getTimerCount()).toBe(1);
      void manager.stop();
      await settle();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('must be one, and other options are none', async () => {
    const { manager } = await start();
    expect(() => instrument(manager, { tracerProvider: {} as never })).toThrow(
      'tracerProvider must be an object with a getTracer method, got [Object]',
    );
    expect(() => instrument(manager, { meterProvider: 1 as never })).toThrow(
      'meterProvider must be an object with a getMeter method, got 1',
    );
    expect(() => instrument(manager, { tracer: 1 } as never)).toThrow('did you mean tracerProvider?');
    expect(() => instrument(Promise.resolve(manager) as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: 'manager must be a task manager, got [Promise]' }),
    );
    for (const attributes of [{ a: 1n }, { a: {} }, { a: [[]] }, ['a'], 'a']) {
      expect(() => instrument(manager, { attributes } as never)).toThrow(
        'attributes must be an object of strings, numbers, booleans and lists of those, got ',
      );
    }
    expect(() => instrument(manager, null as never)).toThrow('options must be an object, got null');
  });
});

describe('a manager that is instrumented again', () => {
  it('is traced and measured once', async () => {
    const { manager, settle } = await start();
    const { tracerProvider, spans } = tracing();
    const { meterProvider, values } = metering();
    for (const attributes of [
      { a: 1, b: ['x'] },
      { b: ['x'], a: 1 },
    ]) {
      expect(instrument(manager, { tracerProvider, meterProvider, attributes })).toBe(manager);
    }
    watch(manager.queueTask(() => 1));
    await settle();
    expect(spans().map(({ name }) => name)).toEqual(['run', 'task']);
    expect((await values('tasker.tasks')).map(([, value]) => value)).toEqual([1]);
  });

  it('with other options is told so, and stays as it is', async () => {
    const { manager, settle } = await start({ name: 'images' });
    const { tracerProvider, spans } = tracing();
    instrument(manager, { tracerProvider });
    for (const options of [
      {},
      { tracerProvider: tracing().tracerProvider },
      { tracerProvider, attributes: { a: 1 } },
    ]) {
      expect(() => instrument(manager, options)).toThrow(
        'the manager images is instrumented already, with other options',
      );
    }
    watch(manager.queueTask(() => 1));
    await settle();
    expect(spans('task')).toHaveLength(1);
  });

  it('by wrong options is not instrumented', async () => {
    const { manager, settle } = await start();
    const { tracerProvider, spans } = tracing();
    expect(() => instrument(manager, { tracerProvider: {} as never })).toThrow('tracerProvider must be');
    instrument(manager, { tracerProvider });
    watch(manager.queueTask(() => 1));
    await settle();
    expect(spans('task')).toHaveLength(1);
  });
});
