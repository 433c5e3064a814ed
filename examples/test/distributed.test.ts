import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { redisStore } from '../../packages/tasker-distributed/test/support/stores.ts';
import { until } from '../../packages/tasker/test/faults/until.ts';
import { run } from './run.ts';
import type { Ended } from './run.ts';

/** Needs `npm run build` first. */

const DEMO = 'distributed/demo.ts';

/** The numbers of the row of all tasks. */
function counts({ stdout }: Ended): number[] {
  const [row = ''] = /^│ all .*$/m.exec(stdout) ?? [];
  return [...row.matchAll(/\d+/g)].map(Number);
}

function expectGood(ended: Ended, size: number): void {
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const [submitted, done = NaN, , onceLost = NaN, lost] = counts(ended);
  expect({ submitted, ended: done + onceLost, lost }).toEqual({ submitted: size, ended: size, lost: 0 });
  expect(ended.stdout.match(/ is told of charge \d+: ONCE_LOST$/gm) ?? []).toHaveLength(onceLost);
  expect(ended.stdout).toMatch(/ kill -9 +worker A/);
  expect(ended.stdout).toMatch(/ 0 wait, 0 run, /);
  expect(ended.stdout).toContain('Nothing was lost');
}

/** Resolves when nobody has this process id any more. */
function gone(pid: number): Promise<void> {
  return until(() => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  }, `the end of process ${pid}`);
}

it('the demo of many machines loses nothing on a PostgreSQL of its own', async () => {
  expectGood(await run(DEMO, { args: ['--tasks', '32'] }), 32);
});

it('the demo of many machines loses nothing on a server of the user, and leaves nothing there', async () => {
  const store = await redisStore();
  const redis = new Redis(store.url);
  try {
    expectGood(await run(DEMO, { args: ['--tasks', '32', '--url', store.url] }), 32);
    expect(await redis.keys('*')).toEqual([]);
  } finally {
    redis.disconnect();
    await store.remove();
  }
});

it.each([
  ['SIGINT', 130],
  ['SIGKILL', null],
] as const)('the demo of many machines leaves no process behind after %s', async (signal, code) => {
  const ended = await run(DEMO, {
    onOutput: (stdout, child) => {
      if (stdout.includes(' have ended: ')) child.kill(signal);
    },
  });
  expect(ended).toMatchObject({ code, stderr: '' });
  const pids = [...ended.stdout.matchAll(/process (\d+)/g)].map(([, pid]) => Number(pid));
  expect(pids).toHaveLength(2);
  for (const pid of pids) await gone(pid);
  const [url = ''] = /postgres:\S+/.exec(ended.stdout) ?? [];
  const { port } = new URL(url);
  await until(
    () =>
      fetch(`http://127.0.0.1:${port}`).then(
        () => false,
        (error) => error.cause.code === 'ECONNREFUSED',
      ),
    'the end of the server',
  );
});
