import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { shutdownOnSignals } from '../../src/node/index.ts';
import { children } from '../support/lifecycle-child.ts';
import { start, watch, word } from '../support/harness.ts';

const run = children('node');

/** A process with a manager of one worker that has a task, which ends by `finish()`; its end is printed. */
const program = (body: string, config = ''): string => `
  import process from 'node:process';
  import { createTaskManager } from 'tasker';
  import { shutdownOnSignals } from 'tasker/node';
  const make = (name) => createTaskManager({ workerCount: 1, resourcePoolSize: 0, name, destroyTimeout: 100, ${config}
    onCreate: () => name, onDestroy: async () => { await turn(); console.log('destroyed', name); } });
  const send = (signal) => process.kill(process.pid, signal);
  const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
  const manager = await make('one');
  const keepAlive = setInterval(() => {}, 1_000);
  let finish;
  manager.queueTask(() => new Promise((resolve) => (finish = resolve)))
    .then(() => console.log('completed'), ({ code }) => console.log(code));
  await turn();
  ${body}
`;

describe('a signal', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])('%s finishes what runs, destroys resources, and exits with %i', async (signal, code) => {
    const end = await run(
      program(`shutdownOnSignals(manager); send('${signal}'); await turn(); console.log('signalled'); finish();`),
    );
    expect(end).toMatchObject({ code, signal: null, lines: ['signalled', 'completed', 'destroyed one'] });
  });

  it('kills when the timeout has passed, and exits likewise', async () => {
    const end = await run(program(`shutdownOnSignals(manager, { timeout: 20 }); send('SIGTERM');`));
    expect(end).toMatchObject({ code: 143, lines: ['KILLED', 'destroyed one'] });
  });

  it('is kept within its timeout by a stop() that was called before without one', async () => {
    const end = await run(
      program(`shutdownOnSignals(manager, { timeout: 20 }); void manager.stop(); send('SIGTERM');`),
    );
    expect(end).toMatchObject({ code: 143, lines: ['KILLED', 'destroyed one'] });
  });

  it('that comes a second time kills at once', async () => {
    const end = await run(
      program(`shutdownOnSignals(manager, { timeout: Infinity }); send('SIGINT'); await turn(); send('SIGINT');`),
    );
    expect(end).toMatchObject({ code: 130, lines: ['KILLED', 'destroyed one'] });
  });

  it('that comes a third time ends the process as it would without us', async () => {
    const end = await run(
      program(
        `shutdownOnSignals(manager); for (let i = 0; i < 3; i++) { send('SIGTERM'); await turn(); }`,
        'destroyTimeout: Infinity, ',
      ).replace("console.log('destroyed', name)", 'new Promise(() => {})'),
    );
    expect(end).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('leaves the exit to the program if it is told so', async () => {
    const end = await run(
      program(`
        shutdownOnSignals(manager, { exit: false });
        manager.on('stopped', () => clearInterval(keepAlive));
        send('SIGTERM');
        await turn();
        finish();
        process.on('exit', () => console.log('by itself', process.listenerCount('SIGTERM')));
      `),
    );
    expect(end).toMatchObject({ code: 0, lines: ['completed', 'destroyed one', 'by itself 0'] });
  });

  it('stops several managers, and exits when the last of them has stopped', async () => {
    const end = await run(
      program(`
        const others = [await make('two'), await make('three')];
        shutdownOnSignals(others[0]);
        shutdownOnSignals(manager);
        shutdownOnSignals(others[1], { exit: false });
        send('SIGTERM');
        await turn();
        finish();
      `),
    );
    expect(end.code).toBe(143);
    expect(end.lines.toSorted()).toEqual(['completed', 'destroyed one', 'destroyed three', 'destroyed two']);
  });

  it('that comes when the manager is over ends the process as it would without us', async () => {
    const end = await run(
      program(`await manager.kill(); shutdownOnSignals(manager, { exit: false }); await turn(); send('SIGINT');`),
    );
    expect(end).toMatchObject({ code: null, signal: 'SIGINT' });
  });

  it('that is not listed is not listened for', async () => {
    const end = await run(program(`shutdownOnSignals(manager, { signals: ['SIGHUP'] }); send('SIGTERM');`));
    expect(end).toMatchObject({ code: null, signal: 'SIGTERM', lines: [] });
  });
});

describe('a signal, within this process', () => {
  it('exits with 128 and its number when the manager has stopped, which a second one hastens', async () => {
    const { manager, clock, sleep } = await start();
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    onTestFinished(() => exit.mockRestore());
    shutdownOnSignals(manager, { signals: ['SIGHUP'], timeout: Infinity });
    const task = watch(manager.queueTask(() => sleep(60_000)));
    await clock.advance(0);
    process.emit('SIGHUP');
    await clock.advance(50_000);
    expect([task.state, manager.stats().state, exit.mock.calls]).toEqual(['pending', 'stopping', []]);
    process.emit('SIGHUP');
    await clock.advance(0);
    expect([word(task), exit.mock.calls]).toEqual(['KILLED', [[129]]]);
    await clock.advance(60_000);
  });
});

const listening = (): number => process.listenerCount('SIGHUP');

describe('the listeners', () => {
  it('are taken away by the function that is returned, and when the manager has stopped', async () => {
    const { manager, manage, settle } = await start();
    const second = await manage();
    const remove = shutdownOnSignals(manager, { signals: ['SIGHUP'] });
    shutdownOnSignals(second, { signals: ['SIGHUP'] });
    expect(listening()).toBe(2);
    remove();
    remove();
    expect(listening()).toBe(1);
    void second.stop();
    await settle();
    expect(listening()).toBe(0);
    shutdownOnSignals(second, { signals: ['SIGHUP'] });
    expect(listening()).toBe(0);
  });

  it('are taken away from a manager that was killed before, and stay as long as its end takes', async () => {
    const { manager, settle, clock } = await start({ fakes: { destroyDelay: 1_000 } });
    void manager.kill();
    await settle();
    const remove = shutdownOnSignals(manager, { signals: ['SIGHUP'] });
    shutdownOnSignals(manager, { signals: ['SIGHUP'] });
    await settle();
    expect([manager.stats().state, listening()]).toEqual(['killed', 2]);
    remove();
    expect(listening()).toBe(1);
    await clock.advance(1_000);
    expect(listening()).toBe(0);
    shutdownOnSignals(manager, { signals: ['SIGHUP'] });
    await settle();
    expect([manager.stats().state, listening()]).toEqual(['killed', 0]);
  });

  it('are not made of wrong options', async () => {
    const { manager } = await start();
    const wrong = (options: object): void => void shutdownOnSignals(manager, options);
    expect(() => wrong({ signals: ['SIGHUP', 'SIGFOO'] })).toThrow(
      `signals must be names such as 'SIGTERM', got "SIGFOO"`,
    );
    for (const signal of ['SIGKILL', 'SIGSTOP']) {
      expect(() => wrong({ signals: ['SIGHUP', signal] })).toThrow(
        `signals cannot have "${signal}": no process can hear it`,
      );
    }
    expect(() => wrong({ signals: 'SIGHUP' })).toThrow('signals must be a list of signals, got "SIGHUP"');
    expect(() => wrong({ timeout: -1 })).toThrow('timeout must be a number of milliseconds, 0 or more, got -1');
    expect(() => wrong({ timeOut: 1 })).toThrow('did you mean timeout?');
    expect(() => shutdownOnSignals(Promise.resolve(manager) as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG', message: 'manager must be a task manager, got [Promise]' }),
    );
    expect(() => shutdownOnSignals(manager, null as never)).toThrow('options must be an object, got null');
    expect(listening()).toBe(0);
  });
});
