import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { Emitter } from '../../src/primitives/emitter.ts';

interface Events {
  a: number;
  b: string;
}

/** Lets every microtask queued so far, and what those queue, run. */
const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function make(run?: (fn: () => void) => void) {
  const errors: unknown[] = [];
  const onError = (error: unknown, event: keyof Events): void => void errors.push([event, error]);
  return { errors, emitter: new Emitter<Events>(run === undefined ? { onError } : { run, onError }) };
}

describe('Emitter', () => {
  it('delivers in the order of emission and of listening, never inside the call', async () => {
    const log: unknown[] = [];
    const { emitter } = make();
    emitter.on('a', (n) => log.push(`a1 ${n}`));
    emitter.on('b', (s) => log.push(`b ${s}`));
    emitter.on('a', (n) => log.push(`a2 ${n}`));
    emitter.emit('a', 1);
    emitter.emit('b', 'x');
    emitter.emit('a', 2);
    log.push('emitted');
    await microtasks();
    expect(log).toEqual(['emitted', 'a1 1', 'a2 1', 'b x', 'a1 2', 'a2 2']);
  });

  it('delivers everything buffered in one microtask', async () => {
    const log: unknown[] = [];
    const { emitter } = make();
    emitter.on('a', (n) => log.push(n));
    emitter.emit('a', 1);
    queueMicrotask(() => log.push('next microtask'));
    emitter.emit('a', 2);
    await microtasks();
    expect(log).toEqual([1, 2, 'next microtask']);
  });

  it('delivers what a listener emits after everything that was emitted before', async () => {
    const log: unknown[] = [];
    const { emitter } = make();
    emitter.on('a', (n) => {
      log.push(n);
      if (n === 1) emitter.emit('a', 3);
    });
    emitter.emit('a', 1);
    emitter.emit('a', 2);
    await microtasks();
    expect(log).toEqual([1, 2, 3]);
  });

  it('knows whether somebody listens', () => {
    const { emitter } = make();
    expect(emitter.has('a')).toBe(false);
    const offs = [emitter.on('a', () => {}), emitter.on('a', () => {})];
    expect([emitter.has('a'), emitter.has('b')]).toEqual([true, false]);
    offs[0]?.();
    expect(emitter.has('a')).toBe(true);
    offs[1]?.();
    expect(emitter.has('a')).toBe(false);
  });

  it('calls a listener added twice twice, and each removal removes one', async () => {
    const log: number[] = [];
    const { emitter } = make();
    const listener = (n: number): void => void log.push(n);
    const off = emitter.on('a', listener);
    const off2 = emitter.on('a', listener);
    emitter.emit('a', 1);
    await microtasks();
    expect(log).toEqual([1, 1]);
    off();
    off();
    emitter.emit('a', 2);
    await microtasks();
    expect(log).toEqual([1, 1, 2]);
    off2();
    off2();
    expect(emitter.has('a')).toBe(false);
  });

  it('takes the listeners as they are when an event is delivered', async () => {
    const log: string[] = [];
    const { emitter } = make();
    const off = emitter.on('a', () => log.push('removed before delivery'));
    emitter.on('a', () => {
      log.push('first');
      off2();
      emitter.on('a', () => log.push('added during delivery'));
    });
    const off2 = emitter.on('a', () => log.push('removed during delivery'));
    emitter.emit('a', 1);
    emitter.on('a', () => log.push('added before delivery'));
    off();
    await microtasks();
    expect(log).toEqual(['first', 'removed during delivery', 'added before delivery']);
  });

  it('drops an event whose last listener is removed before delivery', async () => {
    const log: number[] = [];
    const { emitter } = make();
    const off = emitter.on('a', (n) => log.push(n));
    emitter.emit('a', 1);
    off();
    await microtasks();
    expect(log).toEqual([]);
  });

  it('drops an event that nobody listens to', async () => {
    const log: number[] = [];
    const { emitter } = make();
    emitter.emit('a', 1);
    emitter.on('a', (n) => log.push(n));
    await microtasks();
    expect(log).toEqual([]);
  });

  it('reports a listener that throws or rejects, and goes on', async () => {
    const log: number[] = [];
    const { emitter, errors } = make();
    emitter.on('a', () => {
      throw new Error('sync');
    });
    emitter.on('a', async () => {
      throw new Error('async');
    });
    emitter.on('a', async (n) => void log.push(n));
    emitter.emit('a', 1);
    await microtasks();
    expect(log).toEqual([1]);
    expect(errors).toEqual([
      ['a', new Error('sync')],
      ['a', new Error('async')],
    ]);
  });

  it('ignores events after close, but delivers what is buffered', async () => {
    const log: number[] = [];
    const { emitter } = make();
    emitter.on('a', (n) => log.push(n));
    emitter.emit('a', 1);
    emitter.close();
    emitter.emit('a', 2);
    await microtasks();
    emitter.emit('a', 3);
    await microtasks();
    expect(log).toEqual([1]);
  });

  it('calls listeners in the scope it is given', async () => {
    const storage = new AsyncLocalStorage<string>();
    const log: unknown[] = [];
    const { emitter } = make((fn) => storage.run('ours', fn));
    emitter.on('a', () => log.push(storage.getStore()));
    storage.run('theirs', () => emitter.emit('a', 1));
    await microtasks();
    expect(log).toEqual(['ours']);
  });

  it('a listener added or removed during a delivery changes nothing in it', async () => {
    const log: string[] = [];
    const emitter = new Emitter<{ a: number }>({ onError: () => {} });
    const removers = [1, 2, 3].map((n) =>
      emitter.on('a', () => {
        log.push(`${n}`);
        removers[1]?.();
        emitter.on('a', () => log.push('late'));
      }),
    );
    emitter.emit('a', 1);
    await Promise.resolve();
    expect(log).toEqual(['1', '2', '3']);
    log.length = 0;
    emitter.emit('a', 2);
    await Promise.resolve();
    expect(log).toEqual(['1', '3', 'late', 'late', 'late']);
  });
});
