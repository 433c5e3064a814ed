import { describe, expect, it } from 'vitest';
import { children } from '../support/lifecycle-child.ts';
import { deferred } from '../../src/primitives/deferred.ts';
import { SICK } from '../support/failures.ts';
import { start, watch } from '../support/harness.ts';

const run = children();

describe('after a shutdown', () => {
  it.each(['stop', 'kill'] as const)('by %s stats() shows nothing, and no timer of ours is alive', async (end) => {
    const { manager, work, settle, timers, clock } = await start({
      workerCount: 2,
      maxWorkerCount: 6,
      targetWait: 0,
      resourcePoolSize: 2,
      checkHealth: () => ({ resource: 'keep', task: 'retry', after: 300 }),
    });
    for (let i = 0; i < 20; i++) watch(manager.queueTask(work(50), { timeout: 500, deadline: 5_000, priority: i % 3 }));
    for (let i = 0; i < 5; i++) watch(manager.runTask(work(50), { queueTimeout: 100 }));
    watch(manager.queueTask((_, { attempt }) => (attempt === 1 ? Promise.reject(SICK) : attempt), { priority: 9 }));
    await settle();
    await clock.advance(60);
    const ending = watch(manager[end]());
    if (end === 'stop') await clock.runAll();
    else await settle();
    expect([ending.state, timers.armed]).toEqual(['fulfilled', 0]);
    const { state, ...numbers } = manager.stats();
    expect(state).toBe(end === 'stop' ? 'stopped' : 'killed');
    expect(Object.entries(numbers).filter(([, value]) => value !== 0)).toEqual([]);
  });

  it('the numbers stay zero when late creations, functions and retries come in', async () => {
    const { manager, settle, clock, timers } = await start({ fakes: { createDelay: (n) => (n > 1 ? 100 : 0) } });
    const end = deferred<void>();
    watch(manager.queueTask(() => end.promise));
    watch(manager.runTask(() => 1));
    await settle();
    await manager.kill();
    end.resolve();
    await clock.runAll();
    const { state: _, ...numbers } = manager.stats();
    expect(Object.values(numbers).every((value) => value === 0)).toBe(true);
    expect(timers.armed).toBe(0);
  });
});

/** The frame of every script: says how the process ended, and whether it was still alive after a while. */
const script = (config: string, body: string): string => `
  import { createTaskManager, startTaskManager } from 'tasker';
  const say = (word) => console.log(word);
  const never = () => new Promise(() => {});
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  /** Gives a process that does not end of its own accord a code of its own; does not keep it alive. */
  const watchdog = setTimeout(() => { say('still alive'); process.exit(7); }, 2500);
  watchdog.unref();
  process.on('exit', () => say('exit'));
  let creations = 0;
  async function main() {
    const manager = await createTaskManager({
      workerCount: 1, maxWorkerCount: 1, resourcePoolSize: 0,
      onCreate: () => ++creations, onDestroy: () => {},
      ${config}
    });
    ${body}
  }
  main().catch((error) => { say('failed: ' + (error.code ?? error)); process.exitCode = 1; });
`;

describe('idle timers never keep the process alive:', () => {
  it.concurrent.each([
    ['an idle manager', '', `say(await manager.queueTask(() => 'done'));`],
    [
      'one with idle burst workers, whose retirement is due in an hour',
      `maxWorkerCount: 8, targetWait: 0, idleTimeout: 3_600_000,`,
      `await Promise.all(Array.from({ length: 50 }, () => manager.queueTask(() => sleep(5))));
       say('done');`,
    ],
    [
      'one with an idle pool',
      `resourcePoolSize: 3,`,
      `await Promise.all([manager.runTask(() => 1), manager.runTask(() => 2)]);
       say('done');`,
    ],
    [
      'one whose broken resource cannot be replaced, while nobody waits for it',
      `checkHealth: () => false,
       createBackoff: () => 100,
       onCreate: () => { if (++creations > 1) throw new Error('outage'); },`,
      `await manager.queueTaskOnce(() => { throw new Error('sick'); }).catch(() => say('done'));`,
    ],
    ['one that nobody ever gave a task', '', `say('done');`],
    [
      'a lazy one, with idle resources that are to go in an hour',
      `lazy: true, resourcePoolSize: 1, idleTimeout: 3_600_000,`,
      `await Promise.all([manager.queueTask(() => 1), manager.runTask(() => 2)]);
       say('done');`,
    ],
    [
      'one that could not start, whose ready nobody looks at,',
      '',
      `const other = startTaskManager({ workerCount: 2, onCreate: () => { throw new Error('outage'); }, onDestroy: () => {} });
       other.queueTask(() => 1);
       await sleep(10);
       await other.stop();
       say('done');`,
    ],
    [
      'one with a Scaler of its own',
      `maxWorkerCount: 4, scaling: ({ queued, running }) => queued + running,`,
      `await Promise.all(Array.from({ length: 50 }, () => manager.queueTask(() => sleep(5))));
       say('done');`,
    ],
  ])('%s lets the process end', async (_, config, body) => {
    const { code, lines, stderr } = await run(script(config, body));
    expect({ code, lines, stderr }).toEqual({ code: 0, lines: ['done', 'exit'], stderr: '' });
  });
});

describe('the process is kept alive by work that', () => {
  it.concurrent.each([
    [
      'is a start that tries again',
      '',
      `let attempts = 0;
       startTaskManager({
         workerCount: 1, resourcePoolSize: 0, startTimeout: 60_000, createBackoff: () => 50, onDestroy: () => {},
         onCreate: () => { if (++attempts < 5) throw new Error('outage'); say('up'); },
       });`,
      ['up', 'exit'],
      0,
    ],
    [
      'is queued',
      '',
      // The running task awaits nothing that keeps a process alive; the queued one does, by being queued.
      `manager.queueTask(never);
       manager.queueTask(() => say('never'));`,
      ['still alive', 'exit'],
      7,
    ],
    [
      'is queued, until it is done',
      `abandonAfter: 200,`,
      `manager.queueTask(never, { timeout: 100 }).catch(() => {});
       manager.queueTask(() => say('ran'));`,
      ['ran', 'exit'],
      0,
    ],
    [
      'runs and has a timeout',
      '',
      `manager.queueTask(never, { timeout: 60_000 });
       manager.runTask(never, { timeout: 60_000 });`,
      ['still alive', 'exit'],
      7,
    ],
    [
      'runs and has a timeout, until it has ended',
      '',
      `manager.queueTask(() => Promise.resolve(say('done')), { timeout: 60_000 });`,
      ['done', 'exit'],
      0,
    ],
    [
      'is awaited by a stop() under way',
      '',
      `manager.queueTask(never).catch(() => {});
       await sleep(1);
       manager.stop();`,
      ['still alive', 'exit'],
      7,
    ],
    [
      'is awaited by a stop() that config.signal has started, until it ends',
      `signal: AbortSignal.timeout(50), onDestroy: () => { let n = 0; return new Promise((resolve) => { const turn = () => ++n > 100 ? resolve(say('destroyed')) : setTimeout(turn, 1).unref(); turn(); }); },`,
      `manager.queueTask(() => sleep(60)).then(() => say('done'));`,
      ['done', 'destroyed', 'exit'],
      0,
    ],
    [
      'waits for its retry',
      `checkHealth: () => ({ resource: 'keep', task: 'retry', after: 200 }),`,
      `manager.queueTask((_, { attempt }) => {
         say('run ' + attempt);
         if (attempt === 1) throw new Error('again');
       });`,
      ['run 1', 'run 2', 'exit'],
      0,
    ],
    [
      'waits for a resource that cannot be made for a while',
      `checkHealth: () => false,
       createBackoff: () => 100,
       onCreate: () => {
         creations++;
         if (creations === 2 || creations === 3) throw new Error('outage');
         return creations;
       },`,
      `manager.queueTask((resource, { attempt }) => {
         say('run ' + attempt + ' on ' + resource);
         if (attempt === 1) throw new Error('sick');
       });`,
      ['run 1 on 1', 'run 2 on 4', 'exit'],
      0,
    ],
    [
      'waits for a temporary resource whose creation hangs, which createTimeout ends',
      `createTimeout: 200, onCreate: () => ++creations === 1 ? 1 : never(),`,
      `manager.runTask(() => say('never')).catch((error) => say(error.code));`,
      ['CREATE_FAILED', 'exit'],
      0,
    ],
    [
      'waits for its turn in runTask',
      `resourcePoolSize: 1, maxTemporaryResources: 0,`,
      `manager.runTask(never);
       manager.runTask(() => say('never'));`,
      ['still alive', 'exit'],
      7,
    ],
    [
      'is queued, although tasks came and went before',
      '',
      `for (let i = 0; i < 5; i++) await manager.queueTask(() => i);
       manager.queueTask(never);
       manager.queueTask(() => say('never'));`,
      ['still alive', 'exit'],
      7,
    ],
    [
      'is awaited by stop({ timeout }), until that has passed',
      '',
      `manager.queueTask(never).catch((error) => say(error.code));
       await sleep(1);
       const report = await manager.stop({ timeout: 200 });
       say(report.abandoned.length + ' abandoned');`,
      ['KILLED', '1 abandoned', 'exit'],
      0,
    ],
    [
      'is quarantined and awaited by stop(), until abandonAfter has passed',
      `abandonAfter: 200,`,
      `const controller = new AbortController();
       manager.queueTask(never, { signal: controller.signal }).catch(() => say('cancelled'));
       await sleep(1);
       controller.abort();
       const report = await manager.stop();
       say(report.abandoned.length + ' abandoned');`,
      ['cancelled', '1 abandoned', 'exit'],
      0,
    ],
    [
      'is quarantined while stop() awaits it, until abandonAfter has passed',
      `abandonAfter: 200,`,
      `const controller = new AbortController();
       manager.queueTask(never, { signal: controller.signal }).catch(() => say('cancelled'));
       await sleep(1);
       const stopping = manager.stop();
       controller.abort();
       say((await stopping).abandoned.length + ' abandoned');`,
      ['cancelled', '1 abandoned', 'exit'],
      0,
    ],
  ])('%s', async (_, config, body, lines, code) => {
    const end = await run(script(config, body));
    expect({ code: end.code, lines: end.lines, stderr: end.stderr }).toEqual({ code, lines, stderr: '' });
  });

  it.concurrent('and no longer once it is cancelled', async () => {
    const { code, lines } = await run(
      script(
        '',
        `const controller = new AbortController();
         manager.queueTask(never);
         manager.queueTask(() => say('never'), { signal: controller.signal }).catch(() => say('cancelled'));
         await sleep(20);
         controller.abort();`,
      ),
    );
    expect([code, lines]).toEqual([0, ['cancelled', 'exit']]);
  });
});

describe('a running task keeps the process alive only by what it awaits itself:', () => {
  it.concurrent.each([
    ['nothing', '', `manager.queueTask(never).then(() => say('never'));`, ['exit']],
    ['a timer', '', `manager.queueTask(() => sleep(100)).then(() => say('done'));`, ['done', 'exit']],
    [
      'nothing, but it has a deadline',
      '',
      `manager.queueTask(never, { deadline: 60_000 }).then(() => say('never'));`,
      ['exit'],
    ],
    [
      'nothing, and its timeout has passed',
      `abandonAfter: 60_000,`,
      `manager.queueTask(never, { timeout: 100 }).catch((error) => say(error.code));`,
      ['TIMEOUT', 'exit'],
    ],
    [
      'nothing, and it is quarantined',
      `abandonAfter: 60_000,`,
      `const controller = new AbortController();
       manager.queueTask(never, { signal: controller.signal }).catch(() => say('cancelled'));
       await sleep(10);
       controller.abort();`,
      ['cancelled', 'exit'],
    ],
    ['nothing, in runTask', '', `manager.runTask(never).then(() => say('never'));`, ['exit']],
    [
      'nothing, with burst workers that could still be retired',
      `maxWorkerCount: 4, targetWait: 0,`,
      `for (let i = 0; i < 3; i++) manager.queueTask(never);
       await sleep(100);
       say(manager.stats().activeWorkers);`,
      ['3', 'exit'],
    ],
  ])('%s', async (_, config, body, lines) => {
    const end = await run(script(config, body));
    expect({ code: end.code, lines: end.lines, stderr: end.stderr }).toEqual({ code: 0, lines, stderr: '' });
  });
});

describe('a rejection that a shutdown causes', () => {
  it.concurrent.each([
    ['kill()', 'manager.kill()'],
    ['the timeout of stop()', 'manager.stop({ timeout: 10 })'],
  ])('by %s is never unhandled: the process lives on until every resource is destroyed', async (_, end) => {
    const { code, lines, stderr } = await run(
      script(
        `onDestroy: () => sleep(50).then(() => say('destroyed')), resourcePoolSize: 1, maxTemporaryResources: 0,`,
        `manager.queueTask(never);
         manager.queueTask(never);
         manager.submit(never, { priority: 2 });
         manager.runTask(never);
         manager.runTask(never);
         manager.lease();
         await sleep(5);
         await ${end};
         say('over');
         await manager.queueTask(never).catch((error) => say(error.code));`,
      ),
    );
    expect({ code, lines, stderr }).toEqual({
      code: 0,
      lines: ['destroyed', 'destroyed', 'over', 'STOPPED', 'exit'],
      stderr: '',
    });
  });

  it.concurrent('still reaches everybody who waits for it', async () => {
    const { code, lines } = await run(
      script(
        '',
        `const waiting = [manager.queueTask(never), manager.queueTask(never)].map((task) => task.catch((error) => say(error.code)));
         await sleep(5);
         await manager.kill();
         await Promise.all(waiting);`,
      ),
    );
    expect([code, lines]).toEqual([0, ['KILLED', 'KILLED', 'exit']]);
  });
});
