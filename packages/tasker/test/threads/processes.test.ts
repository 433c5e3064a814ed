import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createTaskManager } from 'tasker';
import { processes } from 'tasker/threads';
import type { Thread, ThreadError } from 'tasker/threads';
import { describe, expect, it } from 'vitest';
import { ownArguments } from '../../src/threads/start-process.ts';
import { until } from '../faults/until.ts';
import { compiled, open } from './support.ts';
import type { Everything, HostOptions, Opened } from './support.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

const start = (options: HostOptions<Everything> = {}): Promise<Opened<Everything>> =>
  open<Everything>('in a child process', 'everything', options);

/** Whether a process lives; one that has ended and was not waited for does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const gone = (pid: number): Promise<void> => until(() => !isAlive(pid), `process ${pid} to end`);

/** A program that has started a process, tells its pid, and then does what `code` says with `thread`. */
function owner(code: string): { program: ChildProcess; pid: Promise<number>; output: () => string } {
  const prelude = `
    import { processes } from 'tasker/threads';
    const hooks = processes(${JSON.stringify(compiled('everything').href)});
    const thread = await hooks.onCreate({ signal: new AbortController().signal, invalidate: () => {} });
    process.stdout.write('pid ' + thread.id + ';');
  `;
  const program = spawn(process.execPath, ['--input-type=module', '--eval', prelude + code], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let printed = '';
  program.stdout?.setEncoding('utf8').on('data', (chunk) => (printed += chunk));
  const output = (): string => printed;
  const pid = until(() => printed.includes(';'), 'the process').then(() => Number(/^pid (\d+)/.exec(printed)?.[1]));
  return { program, pid, output };
}

describe('a process', () => {
  it('is one, with an id, a title and a working directory', async () => {
    const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'tasker-processes-')));
    for (const given of [cwd, pathToFileURL(cwd)]) {
      const { thread, end } = await start({ name: 'tested', cwd: given });
      expect(thread.id).not.toBe(process.pid);
      expect(isAlive(thread.id ?? 0)).toBe(true);
      expect(await thread.run('title')).toBe('tested');
      expect(await thread.run('workingDirectory')).toBe(cwd);
      await end();
      expect(isAlive(thread.id ?? 0)).toBe(false);
    }
  });

  it('takes and gives large messages, several at a time, and all between them', async () => {
    const { thread, end } = await start();
    const bytes = new Uint8Array(64e6).fill(3);
    const calls = [
      thread.run('byteLength', bytes),
      thread.run('add', 1, 2),
      thread.run('give', bytes),
      thread.run('fill', 64e6),
      thread.run('addLater', 3, 4),
      thread.run('give', 'ä'.repeat(1e6)),
    ] as const;
    const [size, sum, back, filled, later, text] = await Promise.all(calls);
    expect([size, sum, later, text]).toEqual([64e6, 3, 7, 'ä'.repeat(1e6)]);
    expect(Buffer.compare(back as Uint8Array, bytes)).toBe(0);
    expect([filled.byteLength, new Uint8Array(filled).every((byte) => byte === 7)]).toEqual([64e6, true]);
    await end();
  });

  it('hears of an abort while it computes, though large arguments are before it', async () => {
    const { thread, end } = await start();
    const controller = new AbortController();
    const spinning = thread.call('spinUntilAborted', [], { signal: controller.signal });
    const next = thread.run('byteLength', new Uint8Array(64e6));
    setTimeout(() => controller.abort(new Error('at last')), 50);
    expect(await spinning).toBe('at last');
    expect(await next).toBe(64e6);
    await end();
  });

  it('loses no result of a call that has ended before it crashes', async () => {
    const { thread, deaths } = await start({ stderr: 'ignore' });
    expect(await thread.run('crashLater', 'SIGSEGV')).toBe('fine');
    await until(() => deaths.length === 1, 'the crash');
    expect(deaths).toMatchObject([{ message: expect.stringMatching(/was ended by SIGSEGV$/) as string }]);
    await expect(thread.run('add', 1, 2)).rejects.toMatchObject({ code: 'THREAD_EXITED' });
  });

  it('settles each call that crosses its death', async () => {
    for (let round = 0; round < 5; round++) {
      const { thread } = await start();
      const codes: Promise<unknown>[] = [];
      const call = (answer: Promise<unknown>): void =>
        void codes.push(answer.catch((error: ThreadError) => error.code));
      call(thread.run('exit', 4));
      while (thread.pending > 0) {
        call(thread.run('give', { some: 'object' }));
        call(thread.run('add', 1, 2));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(new Set(await Promise.all(codes))).toEqual(new Set(['THREAD_EXITED']));
    }
  });

  it('prints where its owner prints, its last words included', async () => {
    const { program, output } = owner(`
      await thread.run('print', 'printed;');
      await thread.run('printLast', 'last;');
    `);
    await new Promise((resolve) => program.on('close', resolve));
    expect(output()).toMatch(/^pid \d+;printed;(x{99}\n){1000}last;$/);
  });
});

describe('the end of a process', () => {
  it('lets its exit listeners run', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tasker-processes-')), 'log');
    const { thread, end } = await start();
    await thread.run('writeAtExit', file);
    await end();
    expect(readFileSync(file, 'utf8')).toBe('exit');
  });

  it('is brought about by SIGKILL if it neither ends by itself nor by SIGTERM', async () => {
    const { thread, end } = await start();
    await thread.run('ignoreSignal', 'SIGTERM');
    const call = thread.run('spin');
    const rejected = expect(call).rejects.toMatchObject({ code: 'THREAD_EXITED' });
    await end();
    await rejected;
    expect(isAlive(thread.id ?? 0)).toBe(false);
  });

  it('comes to one that was stopped, too', async () => {
    const { thread, end } = await start({ abortTimeout: 20 });
    process.kill(thread.id ?? 0, 'SIGSTOP');
    const controller = new AbortController();
    const call = thread.call('add', [1, 2], { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'THREAD_STUCK' });
    expect(isAlive(thread.id ?? 0)).toBe(false);
    await end();
  });

  it('is not for Ctrl-C to decide, which goes to all processes of a terminal', async () => {
    const { thread, deaths, end } = await start();
    process.kill(thread.id ?? 0, 'SIGINT');
    expect(await thread.run('addLater', 1, 2)).toBe(3);
    expect(deaths).toEqual([]);
    await end();
  });

  it('does not wait for a child of its own that lives on with its output', async () => {
    const { thread, end } = await start({ stdout: () => {} });
    const pid = await thread.run('leaveChild');
    await end();
    expect(isAlive(thread.id ?? 0)).toBe(false);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });
});

describe('a process does not survive its owner', () => {
  it.each([
    ['that is killed while it is idle', `setInterval(() => {}, 1000)`, 'SIGKILL'],
    ['that is killed while it computes for ever', `void thread.run('spin'); setInterval(() => {}, 1000)`, 'SIGKILL'],
    ['that is told to end', `void thread.run('ignoreAbort', 1e6)`, 'SIGTERM'],
    ['that exits under a call', `void thread.run('spin'); setTimeout(() => process.exit(), 20)`, undefined],
    ['that throws', `void thread.run('ignoreAbort', 1e6); setTimeout(() => { throw new Error() }, 20)`, undefined],
    ['that has nothing more to do', `await thread.run('add', 1, 2)`, undefined],
  ] as const)('%s', async (_, code, signal) => {
    const { program, pid } = owner(code);
    const child = await pid;
    if (signal !== undefined) {
      expect(isAlive(child)).toBe(true);
      program.kill(signal);
    }
    await gone(child);
    if (program.exitCode === null && program.signalCode === null) {
      await new Promise((resolve) => program.on('exit', resolve));
    }
  });

  it('that is killed while it starts', async () => {
    const log = join(mkdtempSync(join(tmpdir(), 'tasker-processes-')), 'log');
    const module = `data:text/javascript,import fs from 'node:fs'; fs.appendFileSync(${JSON.stringify(log)}, process.pid + ';'); for (;;);`;
    const code = `
      import { processes } from 'tasker/threads';
      await processes(${JSON.stringify(module)}).onCreate({ signal: new AbortController().signal, invalidate: () => {} });
    `;
    const program = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd: repository });
    await until(() => existsSync(log) && readFileSync(log, 'utf8').endsWith(';'), 'the process');
    const pid = Number.parseInt(readFileSync(log, 'utf8'), 10);
    expect(isAlive(pid)).toBe(true);
    program.kill('SIGKILL');
    await gone(pid);
  });
});

describe('processes as the resources of a task manager', () => {
  it('are replaced after so many uses, and give back what they have taken', async () => {
    const manager = await createTaskManager<Thread<Everything>>({
      ...processes<Everything>(compiled('everything')),
      workerCount: 1,
      maxWorkerCount: 1,
      resourcePoolSize: 0,
      maxUses: 2,
    });
    const pids = new Set<number | undefined>();
    for (let i = 0; i < 6; i++) pids.add(await manager.queueTask((process) => process.id));
    expect(pids.size).toBe(3);
    await manager.stop();
    for (const pid of pids) expect(isAlive(pid ?? 0)).toBe(false);
  });
});

it('a process inherits the arguments of its owner, but for those about its program or its debugger', () => {
  expect(ownArguments(['--import', 'tsx', '--expose-gc', '--max-old-space-size=64'])).toEqual([
    '--import',
    'tsx',
    '--expose-gc',
    '--max-old-space-size=64',
  ]);
  expect(ownArguments(['--input-type=module', '--eval', 'x', '--no-warnings'])).toEqual(['--no-warnings']);
  expect(ownArguments(['--input-type', 'module', '-e', 'x', '-p', 'y', '--print=z'])).toEqual([]);
  expect(ownArguments(['--inspect-brk=0', '--inspect', '--watch', '--test', '--title=t'])).toEqual(['--title=t']);
});
