import { getEventListeners } from 'node:events';
import fc from '../support/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { AbortWatch } from '../../src/primitives/abort.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** A signal of somebody's own. */
const own = (addEventListener: (type: string, call: () => void) => void, removeEventListener = () => {}) =>
  ({ aborted: false, reason: 1, addEventListener, removeEventListener }) as unknown as AbortSignal;

describe('AbortWatch', () => {
  it('puts one listener on a signal, however many items watch it', () => {
    const watch = new AbortWatch<number>(() => {});
    const { signal } = new AbortController();
    for (let i = 0; i < 1000; i++) watch.watch(signal, i);
    expect([listeners(signal), watch.size]).toEqual([1, 1]);
    for (let i = 0; i < 999; i++) watch.unwatch(signal, i);
    expect([listeners(signal), watch.size]).toEqual([1, 1]);
    watch.unwatch(signal, 999);
    expect([listeners(signal), watch.size]).toEqual([0, 0]);
  });

  it('calls every item that still watches, in order and with the reason', () => {
    const log: unknown[] = [];
    const watch = new AbortWatch<string>((item, reason) => log.push([item, reason]));
    const controller = new AbortController();
    for (const item of ['a', 'b', 'c']) watch.watch(controller.signal, item);
    watch.unwatch(controller.signal, 'b');
    controller.abort('enough');
    expect(log).toEqual([
      ['a', 'enough'],
      ['c', 'enough'],
    ]);
  });

  it('has forgotten the signal before the first call', () => {
    const sizes: number[] = [];
    const controller = new AbortController();
    const watch: AbortWatch<string> = new AbortWatch(() => sizes.push(watch.size, listeners(controller.signal)));
    watch.watch(controller.signal, 'a');
    controller.abort();
    expect(sizes).toEqual([0, 0]);
  });

  it('does not call an item that another one unwatches while they are being told', () => {
    const log: string[] = [];
    const controller = new AbortController();
    const watch: AbortWatch<string> = new AbortWatch((item) => {
      log.push(item);
      watch.unwatch(controller.signal, 'b');
    });
    for (const item of ['a', 'b', 'c']) watch.watch(controller.signal, item);
    controller.abort();
    expect(log).toEqual(['a', 'c']);
  });

  it('tells everybody although somebody throws, and passes the errors on', () => {
    const [log, errors]: [string[], unknown[]] = [[], []];
    const watch = new AbortWatch<string>(
      (item) => {
        log.push(item);
        throw new Error(item);
      },
      (error) => errors.push(error),
    );
    const controller = new AbortController();
    watch.watch(controller.signal, 'a');
    watch.watch(controller.signal, 'b');
    controller.abort();
    expect(log).toEqual(['a', 'b']);
    expect(errors).toEqual([new Error('a'), new Error('b')]);
  });

  it('gives a reason of its own to a signal that has none, and listens with a function', () => {
    const log: unknown[] = [];
    const watch = new AbortWatch<string>((_, reason) => log.push((reason as Error).name));
    let call: unknown;
    const old = {
      aborted: false,
      addEventListener: (_: string, listener: unknown) => void (call = listener),
      removeEventListener: () => {},
    } as unknown as AbortSignal;
    expect(watch.watch(old, 'a')).toBe(true);
    expect(typeof call).toBe('function');
    (call as () => void)();
    (call as () => void)(); // calling twice tells once
    expect(log).toEqual(['AbortError']);
  });

  it('watches nothing when addEventListener throws or aborts at once, and survives a signal that cannot be left', () => {
    const [log, errors]: [string[], unknown[]] = [[], []];
    const watch = new AbortWatch<string>(
      (item) => log.push(item),
      (error) => errors.push(error),
    );
    const throwing = own(() => {
      throw new Error('no');
    });
    expect(() => watch.watch(throwing, 'a')).toThrow('no');
    expect([
      watch.watch(
        own((_, call) => call()),
        'a',
      ),
      watch.size,
      log,
    ]).toEqual([false, 0, []]);
    const sticky = own(
      () => {},
      () => {
        throw new Error('sticky');
      },
    );
    expect(watch.watch(sticky, 'a')).toBe(true);
    watch.unwatch(sticky, 'a');
    expect([watch.size, errors]).toEqual([0, [new Error('sticky')]]);
  });

  it('ignores an item that does not watch', () => {
    const watch = new AbortWatch<string>(() => {});
    const { signal } = new AbortController();
    watch.unwatch(signal, 'a');
    watch.watch(signal, 'a');
    watch.unwatch(signal, 'b');
    expect(watch.size).toBe(1);
  });

  it('agrees with a list of pairs', () => {
    const step = fc.record({
      op: fc.constantFrom('watch' as const, 'watch' as const, 'unwatch' as const, 'abort' as const),
      signal: fc.nat({ max: 3 }),
      item: fc.nat({ max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const told: string[] = [];
        const expected: string[] = [];
        const watch = new AbortWatch<string>((item) => told.push(item));
        const controllers = Array.from({ length: 4 }, () => new AbortController());
        let model: { signal: AbortSignal; item: string }[] = [];
        for (const { op, signal: index, item: number } of steps) {
          const controller = controllers[index] as AbortController;
          const { signal } = controller;
          const item = `${index}/${number}`;
          if (op === 'abort') {
            expected.push(...model.filter((pair) => pair.signal === signal).map((pair) => pair.item));
            model = model.filter((pair) => pair.signal !== signal);
            controller.abort();
          } else if (op === 'unwatch') {
            model = model.filter((pair) => pair.item !== item);
            watch.unwatch(signal, item);
          } else if (!signal.aborted) {
            if (!model.some((pair) => pair.item === item)) model.push({ signal, item });
            watch.watch(signal, item);
          }
          const watched = new Set(model.map((pair) => pair.signal));
          expect(watch.size).toBe(watched.size);
          for (const { signal } of controllers) expect(listeners(signal)).toBe(watched.has(signal) ? 1 : 0);
        }
        expect(told).toEqual(expected);
      }),
    );
  });
});
