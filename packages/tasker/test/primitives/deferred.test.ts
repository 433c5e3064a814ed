import { describe, expect, it } from 'vitest';
import { deferred } from '../../src/primitives/deferred.ts';

describe('deferred', () => {
  it('is fulfilled by resolve', async () => {
    const { promise, resolve } = deferred<number>();
    resolve(Promise.resolve(3));
    expect(await promise).toBe(3);
  });

  it('is rejected by reject', async () => {
    const { promise, reject } = deferred<number>();
    reject(new Error('no'));
    await expect(promise).rejects.toThrow('no');
  });
});
