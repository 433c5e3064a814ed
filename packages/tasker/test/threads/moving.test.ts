import { MessageChannel } from 'node:worker_threads';
import { move } from 'tasker/threads';
import { describe, expect, it } from 'vitest';
import { fill } from './modules/everything.ts';
import { open, PLACES } from './support.ts';
import type { Everything } from './support.ts';

describe.each(PLACES)('moving, %s', (place) => {
  it('takes arguments along instead of copying them', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const copied = new ArrayBuffer(64);
    expect(await thread.run('byteLength', copied)).toBe(64);
    expect(copied.byteLength).toBe(64);
    const transferred = new Uint8Array(64);
    expect(await thread.call('byteLength', [transferred], { transfer: [transferred.buffer] })).toBe(64);
    expect(transferred.byteLength).toBe(0);
    const moved = new Uint8Array(64);
    expect(await thread.run('byteLength', move(moved))).toBe(64);
    expect(moved.byteLength).toBe(0);
    await end();
  });

  it('brings results and yielded items back', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const buffer = await thread.run('fill', 1000);
    expect(new Uint8Array(buffer).every((byte) => byte === 7)).toBe(true);
    expect(buffer.byteLength).toBe(1000);
    expect(await thread.run('rememberedSize')).toBe(0);
    const { pixels, size } = await thread.run('fillNested', 500);
    expect([pixels.length, size]).toEqual([500, 500]);
    expect(await thread.run('rememberedSize')).toBe(0);
    const sizes: number[] = [];
    for await (const item of thread.stream('fillMany', [[1, 2, 3]])) sizes.push(item.byteLength);
    expect(sizes).toEqual([1, 2, 3]);
    expect(await thread.run('rememberedSize')).toBe(0);
    await end();
  });

  it('is not needed for shared memory, which is the same on both sides', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const shared = new Int32Array(new SharedArrayBuffer(4));
    await Promise.all([1, 2, 3].map(() => thread.run('increment', shared)));
    expect(shared[0]).toBe(3);
    await end();
  });

  it('of what is gone already is a clear error, and the others are not concerned', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const buffer = new ArrayBuffer(8);
    const calls = [1, 2].map(() => thread.call('byteLength', [buffer], { transfer: [buffer] }));
    await expect(calls[1]).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    expect(await calls[0]).toBe(8);
    await expect(thread.run('byteLength', buffer)).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    const empty = new ArrayBuffer(0);
    expect(await thread.call('byteLength', [empty], { transfer: [empty] })).toBe(0);
    await end();
  });
});

describe('move', () => {
  it('gives the value itself, so that a function that uses it is an ordinary one', () => {
    const buffer = fill(3);
    expect(buffer).toBeInstanceOf(ArrayBuffer);
    expect(buffer.byteLength).toBe(3);
  });

  it('finds what can be moved: the value, what it is a view of, or the values in it', () => {
    const { port1, port2 } = new MessageChannel();
    for (const value of [
      new ArrayBuffer(1),
      new DataView(new ArrayBuffer(1)),
      port1,
      [new ArrayBuffer(1)],
      { port2 },
    ]) {
      expect(move(value)).toBe(value);
    }
    port1.close();
  });

  it('refuses a value in which there is nothing to be moved', () => {
    for (const value of [{}, [], { a: { deep: new ArrayBuffer(1) } }, new Uint8Array(new SharedArrayBuffer(1))]) {
      expect(() => move(value)).toThrow(TypeError);
      expect(() => move(value, [])).toThrow('move() found nothing in the value that can be transferred');
    }
    const deep = { a: { buffer: new ArrayBuffer(1) } };
    expect(move(deep, [deep.a.buffer])).toBe(deep);
  });
});
