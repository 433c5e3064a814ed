import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type { Thread, ThreadOptions } from 'tasker/threads';
import { describe, expect, it, vi } from 'vitest';
import { until } from '../faults/until.ts';
import { compiled, open, source } from './support.ts';
import type { Everything } from './support.ts';

const invalid = (options: object, module: unknown = 'file:///some.mjs'): string => {
  try {
    threads(module as URL, options as ThreadOptions);
  } catch (error) {
    expect(error).toMatchObject({ name: 'TaskerError', code: 'INVALID_CONFIG' });
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('options that are wrong', () => {
  it('are refused before a thread is made, with the option, the rule and the value', () => {
    expect(invalid({ name: 5 })).toBe('name must be a string, got 5');
    expect(invalid({ execArgv: '--import' })).toBe('execArgv must be an array of strings, got "--import"');
    expect(invalid({ execArgv: [1] })).toBe('execArgv must be an array of strings, got [Array(1)]');
    expect(invalid({ env: { A: 1 } })).toBe('env.A must be a string, got 1');
    expect(invalid({ resourceLimits: 24 })).toBe('resourceLimits must be an object, got 24');
    expect(invalid({ resourceLimits: { stackSizeMb: Number.NaN } })).toBe(
      'resourceLimits.stackSizeMb must be a finite number of megabytes above 0, got NaN',
    );
    expect(invalid({ stdout: 'pipe' })).toBe(`stdout must be 'inherit', 'ignore' or a function, got "pipe"`);
    for (const key of ['destroyTimeout', 'abortTimeout']) {
      expect(invalid({ [key]: -1 })).toBe(`${key} must be a number of milliseconds, 0 or more, got -1`);
    }
    expect(invalid(null as never)).toBe('options must be an object, got null');
  });

  it('and unknown come with the nearest known one', () => {
    expect(invalid({ execArgs: [] })).toBe('execArgs is not a known option of threads, did you mean execArgv?');
    expect(invalid({ zzz: 1 })).toBe('zzz is not a known option of threads');
    expect(invalid({ resourceLimits: { oldGenerationSizeMb: 1 } })).toContain(
      'did you mean resourceLimits.maxOldGenerationSizeMb?',
    );
  });

  it('are those of a module that is no address', () => {
    const rule = "module must be a URL, such as new URL('./heavy.js', import.meta.url), got ";
    expect(invalid({}, './heavy.js')).toBe(`${rule}"./heavy.js"`);
    expect(invalid({}, 5)).toBe(`${rule}5`);
    expect(invalid({}, null)).toBe(`${rule}null`);
  });

  it('for the runtime alone are a failed creation', async () => {
    const hooks = threads(compiled('everything'), { execArgv: ['--no-such-flag'] });
    const start = createTaskManager({ ...hooks, workerCount: 1 });
    await expect(start).rejects.toMatchObject({
      code: 'CREATE_FAILED',
      cause: { code: 'ERR_WORKER_INVALID_EXEC_ARGV' },
    });
  });
});

describe('options of the runtime', () => {
  it('give threads arguments and an environment of their own', async () => {
    const { thread, end } = await open<Everything>('in a thread', 'everything', {
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
    const { onCreate, onDestroy } = threads<Everything>(source('everything'), {
      execArgv: ['--import', new URL('./modules/typescript.mjs', import.meta.url).href],
    });
    const thread = await onCreate({ signal: new AbortController().signal, invalidate: () => {} });
    expect(await thread.run('add', 1, 2)).toBe(3);
    await onDestroy(thread, 'shutdown');
  });

  it('catch what is printed, or drop it', async () => {
    const chunks: [string, unknown][] = [];
    const listen = (chunk: string, from: Thread<Everything>): void => void chunks.push([chunk, from]);
    const { thread, end } = await open<Everything>('in a thread', 'everything', { stdout: listen, stderr: listen });
    await thread.run('print', 'hällo');
    await until(() => chunks.length === 2, 'the output');
    expect(chunks.map(([chunk]) => chunk).toSorted()).toEqual(['hällo', 'hällo!']);
    expect(chunks[0]?.[1]).toBe(thread);
    await end();
  });

  it('let what is printed through, or drop it', async () => {
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
});

it('the thread of a creation that was given up is ended', async () => {
  const controller = new AbortController();
  const { onCreate } = threads<Everything>(compiled('stateful'), { data: { name: 'a', hang: 'create' } });
  const creation = onCreate({ signal: controller.signal, invalidate: () => {} });
  controller.abort(new Error('nobody waits'));
  await expect(creation).rejects.toThrow('nobody waits');
  await expect(onCreate({ signal: controller.signal, invalidate: () => {} })).rejects.toThrow('nobody waits');
});
