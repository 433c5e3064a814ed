import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { findMacrotask } from '../../src/primitives/macrotask.ts';

async function chain(depth: number, log: string[]): Promise<void> {
  for (let i = 0; i < depth; i++) await Promise.resolve();
  log.push(`chain of ${depth}`);
}

describe('findMacrotask', () => {
  const setTimeout = globalThis.setTimeout;

  it.each([
    ['setImmediate', { setImmediate, MessageChannel: undefined, setTimeout }],
    ['a message', { MessageChannel, setTimeout }],
    ['a timer', { setTimeout }],
  ])('calls a function behind all microtasks by %s', async (_, runtime) => {
    const log: string[] = [];
    const macrotask = findMacrotask(runtime);
    void chain(1000, log);
    await new Promise<void>((resolve) => macrotask(resolve));
    log.push('macrotask');
    expect(log).toEqual(['chain of 1000', 'macrotask']);
  });

  it('prefers setImmediate, then a message', () => {
    const log: string[] = [];
    const immediate = findMacrotask({
      setImmediate: () => log.push('immediate'),
      MessageChannel: class {
        port1 = log.push('message');
      },
      setTimeout: () => log.push('timer'),
    });
    immediate(() => {});
    findMacrotask({ setTimeout: () => log.push('timer') })(() => {});
    expect(log).toEqual(['immediate', 'timer']);
  });

  it('uses no setImmediate that is a fake', async () => {
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout'] });
    const macrotask = findMacrotask(globalThis);
    await new Promise<void>((resolve) => macrotask(resolve));
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
