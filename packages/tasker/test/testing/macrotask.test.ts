import { describe, expect, it, vi } from 'vitest';
import { settle } from '../../src/testing/macrotask.ts';

async function chain(depth: number, log: string[]): Promise<void> {
  for (let i = 0; i < depth; i++) await Promise.resolve();
  log.push(`chain of ${depth}`);
}

describe('settle', () => {
  it('lets chains of microtasks of any depth end', async () => {
    const log: string[] = [];
    void chain(10_000, log);
    queueMicrotask(() => void chain(100, log).then(() => process.nextTick(() => void chain(10, log))));
    await settle();
    expect(log.toSorted()).toEqual(['chain of 10', 'chain of 100', 'chain of 10000']);
  });

  it('resolves under fake timers, too', async () => {
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout', 'setInterval'] });
    await settle();
    vi.useRealTimers();
  });
});
