import { expect, onTestFinished } from 'vitest';
import { settle } from '../../src/testing/macrotask.ts';

/** Rejections that nobody has handled, since {@link failIfUnhandled}. */
export const unhandled: unknown[] = [];

export const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

/** Lets the test that runs fail if it leaves something in {@link unhandled}. */
export function failIfUnhandled(): void {
  if (process.listeners('unhandledRejection').includes(onUnhandled)) return;
  process.on('unhandledRejection', onUnhandled);
  onTestFinished(async () => {
    await settle();
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled.splice(0), 'rejections that nobody has handled').toEqual([]);
  });
}
