import { afterEach, beforeEach, expect } from 'vitest';
import { settle } from '../../src/testing/macrotask.ts';

/** Rejections that nobody has handled. */
export const unhandled: unknown[] = [];

export const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

/** Lets each test of the file fail that leaves something in {@link unhandled}. */
export function failIfUnhandled(): void {
  beforeEach(() => void process.on('unhandledRejection', onUnhandled));
  afterEach(async () => {
    await settle();
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled.splice(0), 'rejections that nobody has handled').toEqual([]);
  });
}
