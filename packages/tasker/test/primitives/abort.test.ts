import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AbortWatch } from '../../src/primitives/abort.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** Aborts and returns what the listener threw, which an event target does not pass on. */
function abortCatching(controller: AbortController): unknown[] {
  const thrown: unknown[] = [];
  const { signal } = controller;
  const [listener] = getEventListeners(signal, 'abort') as unknown as [{ handleEvent(): void }];
  const handle = listener.handleEvent.bind(listener);
  listener.handleEvent = () => {
    try {
      handle();
    } catch (error) {
      thrown.push(error);
    }
  };
  controller.abort();
  return thrown;
}

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

  it('tells everybody although somebody throws, and throws the first error at the end', () => {
    const log: string[] = [];
    const watch = new AbortWatch<string>((item) => {
      log.push(item);
      throw new Error(item);
    });
    const controller = new AbortController();
    watch.watch(controller.signal, 'a');
    watch.watch(controller.signal, 'b');
    expect(abortCatching(controller)).toEqual([new Error('a')]);
    expect(log).toEqual(['a', 'b']);
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
