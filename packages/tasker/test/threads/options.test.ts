import { SHARE_ENV } from 'node:worker_threads';
import { createTaskManager } from 'tasker';
import { processes, threads } from 'tasker/threads';
import type { Thread } from 'tasker/threads';
import { describe, expect, it, vi } from 'vitest';
import { until } from '../faults/until.ts';
import { compiled, hooksOf, HOSTS, open, source, subjectOf } from './support.ts';
import type { Everything, Host, Stateful } from './support.ts';

const MAKERS = { threads, processes };

const invalidOf = (maker: keyof typeof MAKERS, options: object, module: unknown = 'file:///some.mjs'): string => {
  try {
    MAKERS[maker](module as URL, options);
  } catch (error) {
    expect(error).toMatchObject({ name: 'TaskerError', code: 'INVALID_CONFIG' });
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe.each(['threads', 'processes'] as const)('options of %s that are wrong', (maker) => {
  const invalid = (options: object, module?: unknown): string => invalidOf(maker, options, module);

  it('are refused before a thread is made, with the option, the rule and the value', () => {
    expect(invalid({ name: 5 })).toBe('name must be a string, got 5');
    expect(invalid({ execArgv: '--import' })).toBe('execArgv must be an array of strings, got "--import"');
    expect(invalid({ execArgv: [1] })).toBe('execArgv must be an array of strings, got [Array(1)]');
    expect(invalid({ env: { A: 1 } })).toBe('env.A must be a string, got 1');
    expect(invalid({ stdout: 'pipe' })).toBe(`stdout must be 'inherit', 'ignore' or a function, got "pipe"`);
    for (const key of ['destroyTimeout', 'abortTimeout']) {
      expect(invalid({ [key]: -1 })).toBe(`${key} must be a number of milliseconds, 0 or more, got -1`);
    }
    expect(invalid(null as never)).toBe('options must be an object, got null');
  });

  it('and unknown come with the nearest known one', () => {
    expect(invalid({ execArgs: [] })).toBe(`execArgs is not a known option of ${maker}, did you mean execArgv?`);
    expect(invalid({ zzz: 1 })).toBe(`zzz is not a known option of ${maker}`);
  });

  it('are those of a module that is no address', () => {
    const rule = "module must be a URL, such as new URL('./heavy.js', import.meta.url), got ";
    expect(invalid({}, './heavy.js')).toBe(`${rule}"./heavy.js"`);
    expect(invalid({}, 5)).toBe(`${rule}5`);
    expect(invalid({}, null)).toBe(`${rule}null`);
  });

  it('are those of a TypeScript module that a bundler has taken for a video; the remedy is told', () => {
    const message = invalid({}, new URL('data:video/mp2t;base64,ZXhwb3J0IHt9'));
    expect(message).toContain(
      'the bundler has made a data: URL of a TypeScript file, without compiling it: give threads()',
    );
    expect(message).toContain("() => new Worker(new URL('./heavy.worker.ts', import.meta.url), { type: 'module' })");
    expect(message).toContain('call serve() in that file');
  });
});

describe('limits', () => {
  it('of threads are checked as the other options', () => {
    expect(invalidOf('threads', { resourceLimits: 24 })).toBe('resourceLimits must be an object, got 24');
    expect(invalidOf('threads', { resourceLimits: { stackSizeMb: Number.NaN } })).toBe(
      'resourceLimits.stackSizeMb must be a finite number of megabytes above 0, got NaN',
    );
    expect(invalidOf('threads', { resourceLimits: { oldGenerationSizeMb: 1 } })).toContain(
      'did you mean resourceLimits.maxOldGenerationSizeMb?',
    );
  });

  it('of processes are arguments of the runtime', () => {
    expect(invalidOf('processes', { resourceLimits: { maxOldGenerationSizeMb: 24 } })).toBe(
      "resourceLimits must not be given for processes, which are limited by execArgv, such as ['--max-old-space-size=512']",
    );
  });
});

const start = (host: Host, options: object): Promise<unknown> =>
  createTaskManager({ ...hooksOf(host, compiled('everything'), { stderr: 'ignore', ...options }), workerCount: 1 });

describe('options that only the other host, or the runtime, knows', () => {
  it('say so', () => {
    expect(invalidOf('threads', { cwd: '/' })).toContain('cwd is not a known option of threads');
    expect(invalidOf('processes', { cwd: 5 })).toBe('cwd must be a path or a URL, got 5');
    expect(invalidOf('processes', { env: SHARE_ENV })).toBe(
      'env must be an object of strings: processes share no environment, got Symbol(nodejs.worker_threads.SHARE_ENV)',
    );
  });

  it('are a failed creation', async () => {
    const execArgv = ['--no-such-flag'];
    await expect(start('in a thread', { execArgv })).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { code: 'ERR_WORKER_INVALID_EXEC_ARGV' },
    });
    await expect(start('in a child process', { execArgv })).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { message: `${subjectOf('in a child process', 'everything')} exited with code 9` },
    });
    await expect(start('in a child process', { cwd: '/no/such/folder' })).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { code: 'THREAD_FAILED', cause: { code: 'ENOENT' } },
    });
  });
});

describe.each(HOSTS)('options of the runtime, %s', (host) => {
  it('give arguments and an environment of its own', async () => {
    const { thread, end } = await open<Everything>(host, 'everything', {
      execArgv: ['--no-warnings'],
      env: { TASKER_TEST: 'own' },
      name: 'tested',
    });
    expect(await thread.run('execArgv')).toEqual(['--no-warnings']);
    expect(await thread.run('environment', 'TASKER_TEST')).toBe('own');
    expect(await thread.run('environment', 'PATH')).toBeUndefined();
    await end();
  });

  it('load a module in TypeScript, with a loader', async () => {
    const { onCreate, onDestroy } = hooksOf<Everything>(host, source('everything'), {
      execArgv: ['--import', new URL('./modules/typescript.mjs', import.meta.url).href],
    });
    const thread = await onCreate({ signal: new AbortController().signal, invalidate: () => {} });
    expect(await thread.run('add', 1, 2)).toBe(3);
    await onDestroy(thread, 'shutdown');
  });

  it('catch what is printed, or drop it', async () => {
    const chunks: [string, unknown][] = [];
    const listen = (chunk: string, from: Thread<Everything>): void => void chunks.push([chunk, from]);
    const { thread, end } = await open<Everything>(host, 'everything', { stdout: listen, stderr: listen });
    await thread.run('print', 'hällo');
    await until(() => chunks.length === 2, 'the output');
    expect(chunks.map(([chunk]) => chunk).toSorted()).toEqual(['hällo', 'hällo!']);
    expect(chunks[0]?.[1]).toBe(thread);
    await end();
  });
});

it('what is printed in a thread goes through here, or is dropped', async () => {
  const printed: unknown[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0);
  try {
    const silent = await open<Everything>('in a thread', 'everything', { stdout: 'ignore', stderr: 'ignore' });
    await silent.thread.run('print', 'unheard');
    await silent.end();
    const loud = await open<Everything>('in a thread', 'everything', { stderr: 'ignore' });
    await loud.thread.run('print', 'heard');
    await until(() => printed.includes('heard'), 'the output');
    await loud.end();
  } finally {
    spy.mockRestore();
  }
  expect(printed).not.toContain('unheard');
});

it.each(HOSTS)('what was started by a creation that was given up is ended, %s', async (host) => {
  const controller = new AbortController();
  const { onCreate } = hooksOf<Stateful>(host, compiled('stateful'), { data: { name: 'a', hang: 'create' } });
  const creation = onCreate({ signal: controller.signal, invalidate: () => {} });
  controller.abort(new Error('nobody waits'));
  await expect(creation).rejects.toThrow('nobody waits');
  await expect(onCreate({ signal: controller.signal, invalidate: () => {} })).rejects.toThrow('nobody waits');
});
