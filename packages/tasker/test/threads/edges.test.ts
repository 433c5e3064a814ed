import { describe, expect, it, vi } from 'vitest';
import { AbortWatchdog } from '../../src/threads/abort-watchdog.ts';
import { ModuleThread } from '../../src/threads/module-thread.ts';
import { NodeThreadPort } from '../../src/threads/node-port.ts';
import type { NodeThreads, NodeWorker } from '../../src/threads/node-port.ts';
import type { ThreadEvents, ThreadPort } from '../../src/threads/port.ts';
import * as kind from '../../src/threads/protocol.ts';
import type { Message, ThreadInit } from '../../src/threads/protocol.ts';
import { RunningCall } from '../../src/threads/running-call.ts';
import { ThreadHost } from '../../src/threads/thread-host.ts';
import { until } from '../faults/until.ts';

const init: ThreadInit = { module: 'file:///some.mjs', data: undefined, shared: undefined };

/** A port whose thread says what the test says. */
class ScriptedPort implements ThreadPort {
  readonly id = 7;
  readonly sent: Message[] = [];
  readonly holds: boolean[] = [];
  events: ThreadEvents | undefined;
  isTerminated = false;

  listen(events: ThreadEvents): void {
    this.events = events;
  }

  post(message: Message): void {
    this.sent.push(message);
  }

  hold(isHeld: boolean): void {
    this.holds.push(isHeld);
  }

  terminate(): void {
    this.isTerminated = true;
    queueMicrotask(() => this.events?.onExit(1));
  }
}

async function start(): Promise<{ thread: ModuleThread; port: ScriptedPort; deaths: unknown[] }> {
  const port = new ScriptedPort();
  const deaths: unknown[] = [];
  const thread = new ModuleThread(port, init, 5_000, (error) => deaths.push(error));
  const ready = thread.ready(undefined);
  await expect(thread.run('f')).rejects.toThrow('the thread is starting and takes no calls');
  port.events?.onMessage([kind.READY, 0, ['f']]);
  await ready;
  return { thread, port, deaths };
}

describe('the owner of a thread', () => {
  it('holds the process exactly while a call is under way', async () => {
    const { thread, port } = await start();
    const calls = [thread.run('f'), thread.run('f')];
    port.events?.onMessage([kind.VALUE, 1, 'one', kind.VALUE, 2, 'two']);
    expect(await Promise.all(calls)).toEqual(['one', 'two']);
    expect(port.holds).toEqual([false, true, false]);
  });

  it('takes no second answer, and none to nobody', async () => {
    const { thread, port } = await start();
    const call = thread.run('f');
    for (const record of [
      [kind.VALUE, 1, 'first', kind.VALUE, 1, 'second', kind.ERROR, 1, { value: 'third' }],
      [kind.ABORTED, 1, undefined, kind.REFUSED, 1, ['NOT_CLONEABLE', 'm'], kind.ITEM, 1, 0, kind.HEARD, 1, undefined],
      [kind.INVOKE, 1, 0, 1, 0, kind.READY, 0, [], kind.CLOSED, 0, undefined, kind.CLOSE_FAILED, 0, { value: 1 }],
    ]) {
      port.events?.onMessage(record);
    }
    expect(await call).toBe('first');
    expect(thread.pending).toBe(0);
  });

  it('hears of its death once, and says why', async () => {
    const { thread, port, deaths } = await start();
    const call = thread.run('f');
    port.events?.onError('not even an error');
    port.events?.onError(new Error('a second one'));
    port.events?.onExit(1);
    port.events?.onExit(1);
    await expect(call).rejects.toMatchObject({
      code: 'THREAD_FAILED',
      message: 'the thread failed outside of a call: "not even an error"',
    });
    expect(deaths).toHaveLength(1);
    await expect(thread.ready(undefined)).rejects.toThrow('not gone');
    await thread.terminate();
    await thread.close(1);
    expect(port.isTerminated).toBe(false);
  });

  it('is told of an exit without a code, and of one while it closes', async () => {
    const { thread, port } = await start();
    const closing = thread.close(1_000);
    await expect(thread.run('f')).rejects.toThrow('the thread is closing and takes no calls');
    port.events?.onExit();
    await expect(closing).rejects.toMatchObject({ code: 'THREAD_EXITED' }); // its onDestroy has not ended
    const other = await start();
    const call = other.thread.run('f');
    other.port.events?.onExit();
    await expect(call).rejects.toMatchObject({ message: 'the thread exited' });
  });
});

describe('a thread', () => {
  it('takes no notice of what concerns a call that is over', async () => {
    const sent: Message[] = [];
    const functions = [{ name: 'f', fn: () => 1 }];
    const module = { functions, state: undefined, destroy: () => Promise.reject(new Error('no')) };
    const host = new ThreadHost({ post: (message) => void sent.push(message) }, module, undefined);
    host.receive([kind.CALL, 1, 0, 0, kind.CREDIT, 1, 5, kind.RETURN, 1, kind.ANSWER, 1, 1, 'a']);
    host.receive([kind.ANSWER_ERROR, 1, 1, { value: 'e' }]);
    host.receive([kind.ABORT, 1, { value: 'reason' }]);
    host.receive([kind.ABORT, 2, { value: 'reason' }, kind.CALL, 2, 0, 0]);
    host.receive([kind.CLOSE, 0]);
    await until(() => sent.flat().includes(kind.CLOSE_FAILED), 'the end');
    expect(sent.flat().slice(0, 6)).toEqual([kind.READY, 0, ['f'], kind.VALUE, 1, 1]);
    const aborted = sent.flat().indexOf(kind.ABORTED);
    expect(sent.flat()[aborted + 1]).toBe(2);
  });
});

/** A worker that tells what the test tells. */
function fake(): {
  port: NodeThreadPort;
  emit: (event: string, value: unknown) => void;
  log: unknown[];
  left: Message[];
} {
  const log: unknown[] = [];
  const left: Message[] = [];
  const listeners: Record<string, (value: never) => void> = {};
  const on = (event: string, listener: (value: never) => void): void => void (listeners[event] = listener);
  const worker = {
    threadId: 3,
    on,
    ref: () => log.push('ref'),
    unref: () => log.push('unref'),
    terminate: async () => log.push('terminate'),
  };
  const channel = { on, unref: () => {}, close: () => log.push('close'), postMessage: () => {} };
  const threads = { receiveMessageOnPort: () => (left.length > 0 ? { message: left.shift() } : undefined) };
  const port = new NodeThreadPort(threads as unknown as NodeThreads, worker as unknown as NodeWorker, channel);
  return { port, emit: (event, value) => listeners[event]?.(value as never), log, left };
}

describe('a thread of Node', () => {
  it('whose message cannot be read is ended', () => {
    const { port, emit, log } = fake();
    const errors: unknown[] = [];
    port.listen({ onMessage: () => {}, onError: (error) => errors.push(error), onExit: () => {} });
    emit('messageerror', new Error('unreadable'));
    expect(errors).toMatchObject([{ message: 'unreadable' }]);
    expect(log).toEqual(['ref', 'terminate']);
  });

  it('that exits has its last messages read first', () => {
    const { port, emit, log, left } = fake();
    port.listen({
      onMessage: (message) => log.push(message),
      onError: () => {},
      onExit: (code) => log.push(`exit ${code}`),
    });
    left.push([1], [2]);
    emit('exit', 4);
    expect(log).toEqual([[1], [2], 'close', 'exit 4']);
  });
});

describe('the signal of a call', () => {
  it('aborts in a runtime that asks whether it has aborted before it does so, as Deno', () => {
    class AskingController extends AbortController {
      override abort(reason?: unknown): void {
        if (!this.signal.aborted) super.abort(reason);
      }
    }
    vi.stubGlobal('AbortController', AskingController);
    try {
      const call: RunningCall = new RunningCall(1, 'f', {
        state: undefined,
        watch: () => {},
        poll: () => call.abort('why'),
      });
      const { signal } = call;
      const heard: unknown[] = [];
      signal.addEventListener('abort', () => heard.push(signal.aborted, signal.reason));
      expect([signal.aborted, signal.reason]).toEqual([true, 'why']);
      expect(heard).toEqual([true, 'why']);
      expect(() => signal.throwIfAborted()).toThrow('why');
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

describe('the watchdog of aborts', () => {
  it('waits for another call to end, and forgets those that were heard', async () => {
    let current = 1;
    let stuck = 0;
    const gauge = {
      get current() {
        return current;
      },
    };
    const watchdog = new AbortWatchdog(5, gauge, () => stuck++);
    watchdog.watch(2);
    watchdog.watch(3);
    watchdog.clear(3);
    watchdog.clear(9);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stuck).toBe(0);
    current = 0;
    await until(() => stuck === 1, 'it to be stuck');
  });
});
