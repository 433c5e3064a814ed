import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { compiled, HOSTS } from './support.ts';
import type { Host } from './support.ts';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** Runs a program that uses the package as it was built, and returns what it prints. Fails if it does not end by itself. */
async function program(host: Host, code: string, ...flags: string[]): Promise<string> {
  const prelude = `
    import { createTaskManager } from 'tasker';
    import { ${host === 'in a thread' ? 'threads' : 'processes'} as make } from 'tasker/threads';
    const hooks = make(${JSON.stringify(compiled('everything').href)});
    const manager = await createTaskManager({ ...hooks, workerCount: 2, maxWorkerCount: 2, resourcePoolSize: 1 });
  `;
  const args = [...flags, '--input-type=module', '--eval', prelude + code];
  const { stdout } = await run(process.execPath, args, { cwd: repository, timeout: 30_000 });
  return stdout;
}

describe.each(HOSTS)('a process whose functions run %s', (host) => {
  it('is not kept alive by threads that are idle', async () => {
    const code = `console.log(await manager.queueTask((thread) => thread.run('add', 1, 2)));`;
    expect(await program(host, code)).toBe('3\n');
  });

  it('is not kept alive by idle ones whose output goes elsewhere', async () => {
    const code = `
      const quiet = make(${JSON.stringify(compiled('everything').href)}, { stdout: 'ignore', stderr: () => {} });
      const own = await createTaskManager({ ...quiet, workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 0 });
      console.log(await own.queueTask((thread) => thread.run('add', 1, 2)));
    `;
    expect(await program(host, code)).toBe('3\n');
  });

  it('is kept alive by a call', async () => {
    const code = `
      manager.queueTask((thread) => thread.run('ignoreAbort', 50)).then(console.log);
      manager.runTask((thread) => thread.stream('countLater', [3]).next()).then(({ value }) => console.log(value.i));
    `;
    expect((await program(host, code)).split('\n').toSorted()).toEqual(['', '0', 'finished all the same']);
  });

  it('is kept alive until its threads have ended in a stop', async () => {
    expect(await program(host, `await manager.stop(); console.log('stopped');`)).toBe('stopped\n');
  });

  it('hears of nothing unhandled when a thread dies', async () => {
    const code = `
      manager.on('error', () => {}); // of a thread that ends while it is being destroyed
      process.on('unhandledRejection', (error) => console.log('unhandled', error));
      process.on('uncaughtException', (error) => console.log('uncaught', error));
      process.on('warning', (warning) => console.log(warning));
      for (const name of ['throwOutside', 'rejectUnhandled', 'exit']) {
        await manager.queueTaskOnce((thread) => thread.run(name, 1)).catch((error) => console.log(error.code));
      }
      await manager.queueTask((thread) => thread.run('dieLater'));
      await manager.stop();
    `;
    expect(await program(host, code)).toBe('THREAD_FAILED\nTHREAD_FAILED\nTHREAD_EXITED\n');
  });
});
