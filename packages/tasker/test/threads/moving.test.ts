import { MessageChannel } from 'node:worker_threads';
import { move } from 'tasker/threads';
import { describe, expect, it } from 'vitest';
import { fill } from './modules/everything.ts';
import { open, PLACES } from './support.ts';
import type { Everything } from './support.ts';

describe.each(PLACES)('moving, %s', (place) => {
  const isCopied = place === 'in a child process';
  /** The bytes that are left of what was moved: to another process it is copied. */
  const left = (size: number): number => (isCopied ? size : 0);

  it('takes arguments along instead of copying them', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const copied = new ArrayBuffer(64);
    expect(await thread.run('byteLength', copied)).toBe(64);
    expect(copied.byteLength).toBe(64);
    const transferred = new Uint8Array(64);
    expect(await thread.call('byteLength', [transferred], { transfer: [transferred.buffer] })).toBe(64);
    expect(transferred.byteLength).toBe(left(64));
    const moved = new Uint8Array(64);
    expect(await thread.run('byteLength', move(moved))).toBe(64);
    expect(moved.byteLength).toBe(left(64));
    await end();
  });

  it('brings results and yielded items back', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const buffer = await thread.run('fill', 1000);
    expect(new Uint8Array(buffer).every((byte) => byte === 7)).toBe(true);
    expect(buffer.byteLength).toBe(1000);
    expect(await thread.run('rememberedSize')).toBe(left(1000));
    const { pixels, size } = await thread.run('fillNested', 500);
    expect([pixels.length, pixels.buffer.byteLength, size]).toEqual([500, 500, 500]);
    expect(await thread.run('rememberedSize')).toBe(left(500));
    const sizes: number[] = [];
    for await (const item of thread.stream('fillMany', [[1, 2, 3]])) sizes.push(item.byteLength);
    expect(sizes).toEqual([1, 2, 3]);
    expect(await thread.run('rememberedSize')).toBe(left(3));
    await end();
  });

  it('is not needed for shared memory, which is the same on both sides, and which no other process can see', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const shared = new Int32Array(new SharedArrayBuffer(4));
    if (isCopied) {
      await expect(thread.run('increment', shared)).rejects.toMatchObject({
        code: 'NOT_CLONEABLE',
        cause: { name: 'DataCloneError', message: '#<SharedArrayBuffer> could not be cloned.' },
      });
      return end();
    }
    await Promise.all([1, 2, 3].map(() => thread.run('increment', shared)));
    expect(shared[0]).toBe(3);
    await end();
  });

  it('of what is gone already is a clear error, and the others are not concerned', async () => {
    const { thread, end } = await open<Everything>(place, 'everything');
    const buffer = new ArrayBuffer(8);
    const calls = [1, 2].map(() => thread.call('byteLength', [buffer], { transfer: [buffer] }));
    if (isCopied) {
      expect(await calls[1]).toBe(8);
      structuredClone(buffer, { transfer: [buffer] });
    } else await expect(calls[1]).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    expect(await calls[0]).toBe(8);
    await expect(thread.run('byteLength', buffer)).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    const empty = new ArrayBuffer(0);
    expect(await thread.call('byteLength', [empty], { transfer: [empty] })).toBe(0);
    await end();
  });
});

describe('what cannot leave its process', () => {
  it('is a clear error, moved or not, either way', async () => {
    const { thread, deaths, end } = await open<Everything>('in a child process', 'everything');
    const { port1 } = new MessageChannel();
    const stream = new ReadableStream();
    for (const value of [port1, { port1 }, stream, { stream }, new Blob(['b']), [new Blob(['b'])]]) {
      const message = /^the arguments cannot be sent to the process of everything\S*: \w+ cannot leave its process$/;
      await expect(thread.run('give', value)).rejects.toMatchObject({
        code: 'NOT_CLONEABLE',
        message: expect.stringMatching(message) as string,
      });
    }
    await expect(thread.call('give', [port1], { transfer: [port1] })).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    await expect(thread.run('givePort')).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    expect(deaths).toEqual([]);
    port1.close();
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
