import { MessageChannel as NodeChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { ModuleThread } from '../../src/threads/module-thread.ts';
import { resolveOptions } from '../../src/threads/options.ts';
import type { ThreadOptions } from '../../src/threads/options.ts';
import type { ThreadInit } from '../../src/threads/protocol.ts';
import { startThread } from '../../src/threads/start-thread.ts';
import type { Runtime } from '../../src/threads/start-thread.ts';
import { serveWeb } from '../../src/threads/web-host.ts';
import type { WebHostPort, WebScope } from '../../src/threads/web-host.ts';
import type { WebWorker } from '../../src/threads/web-port.ts';
import { source } from './support.ts';

type Init = ThreadInit & { readonly port: WebHostPort };

/** A worker as a browser has it, but in this thread. */
class FakeWorker implements WebWorker {
  static readonly made: FakeWorker[] = [];
  readonly url: URL;
  readonly options: object;
  isTerminated = false;
  fail: Parameters<WebWorker['addEventListener']>[1] = () => {};
  reject: Parameters<WebScope['addEventListener']>[1] = () => {};

  constructor(url: URL, options: object) {
    this.url = url;
    this.options = options;
    FakeWorker.made.push(this);
  }

  addEventListener(_: 'error', listener: typeof this.fail): void {
    this.fail = listener;
  }

  postMessage(message: unknown, transfer: readonly object[]): void {
    const { port1, port2 } = new NodeChannel();
    port1.postMessage(message, transfer as ArrayBuffer[]);
    port2.once('message', ({ tasker: init }: { tasker: Init }) => {
      port2.close();
      const scope: WebScope = {
        addEventListener: (__, listener) => {
          this.reject = listener;
        },
      };
      void serveWeb(init.port, init, scope);
    });
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

const runtime = { Worker: FakeWorker, MessageChannel } as unknown as Runtime;

interface Started {
  readonly thread: ModuleThread;
  readonly worker: FakeWorker;
  readonly deaths: unknown[];
}

async function start(name: string, options: ThreadOptions = {}): Promise<Started> {
  const deaths: unknown[] = [];
  const resolved = resolveOptions(source(name), options);
  const thread = await startThread(resolved, { onDeath: (error) => deaths.push(error) }, runtime);
  return { thread, worker: FakeWorker.made.at(-1) as FakeWorker, deaths };
}

describe('a web worker', () => {
  it('is a thread like any other', async () => {
    const { thread, worker, deaths } = await start('everything', { name: 'tested' });
    expect(worker.url.href).toMatch(/\/threads\/host\.js$/);
    expect(worker.options).toEqual({ type: 'module' }); // nothing that a bundler would have to compute
    expect(thread.id).toBeUndefined();
    expect(await thread.run('add', 1, 2)).toBe(3);
    await expect(thread.run('fail', 'type')).rejects.toThrow(TypeError);
    const items: unknown[] = [];
    for await (const item of thread.stream('count', [3])) items.push(item);
    expect(items).toEqual([0, 1, 2]);
    const controller = new AbortController();
    const call = thread.call('waitForAbort', [], { signal: controller.signal });
    await thread.run('add', 1, 1);
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await thread.close(1_000);
    expect(worker.isTerminated).toBe(true);
    expect(deaths).toEqual([]);
  });

  it('that has an error outside of a call is ended: its calls reject', async () => {
    const { thread, worker, deaths } = await start('everything');
    const call = thread.run('ignoreAbort', 50);
    let isPrevented = false;
    worker.fail({ message: 'Uncaught RangeError: far', preventDefault: () => (isPrevented = true) });
    await expect(call).rejects.toMatchObject({ code: 'THREAD_FAILED', cause: { message: 'Uncaught RangeError: far' } });
    expect([isPrevented, worker.isTerminated, deaths.length]).toEqual([true, true, 1]);
  });

  it('that leaves a rejection unhandled is ended likewise', async () => {
    const { thread, worker, deaths } = await start('everything');
    const call = thread.run('ignoreAbort', 50);
    worker.reject({ reason: new RangeError('unheard') });
    await expect(call).rejects.toMatchObject({ code: 'THREAD_FAILED', cause: { name: 'RangeError' } });
    expect([worker.isTerminated, deaths.length]).toEqual([true, 1]);
  });

  it('whose module or onCreate fails is a failed creation', async () => {
    await expect(start('stateful', { data: { name: 'a', fail: 'create' } })).rejects.toThrow('no a');
    expect(FakeWorker.made.at(-1)?.isTerminated).toBe(true);
    const loading = start('everything');
    FakeWorker.made.at(-1)?.fail({ preventDefault: () => {} });
    await expect(loading).rejects.toMatchObject({
      code: 'THREAD_FAILED',
      cause: {
        message: expect.stringMatching(
          /cannot be loaded; if the program is bundled, give threads\(\) a function/,
        ) as string,
      },
    });
  });

  it('knows no options of Node, and gets no data that cannot be cloned', async () => {
    await expect(start('everything', { execArgv: [], name: 'a' })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: 'execArgv must not be given for web workers, which have no such thing',
    });
    await expect(start('everything', { data: () => 1 })).rejects.toMatchObject({ code: 'NOT_CLONEABLE' });
    expect(FakeWorker.made.at(-1)?.isTerminated).toBe(true);
  });
});

it('a runtime without any threads says so', async () => {
  const resolved = resolveOptions(source('everything'), {});
  await expect(startThread(resolved, { onDeath: () => {} }, {})).rejects.toThrow(
    'neither node:worker_threads nor Worker',
  );
});
