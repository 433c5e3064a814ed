import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { redisStore } from '../../packages/tasker-distributed/test/support/stores.ts';
import { run } from './run.ts';

interface Job {
  readonly name: string;
  readonly data: unknown;
  readonly returnValue: unknown;
  readonly progress: unknown;
  readonly failedReason?: string;
  readonly stacktrace: readonly string[];
}

/** What Bull Board answers its page, once there is a job in that state. */
async function firstJob(url: string, status: 'completed' | 'failed'): Promise<Job> {
  for (;;) {
    const response = await fetch(`${url}/api/queues?activeQueue=photos&status=${status}&page=1&jobsPerPage=1`);
    const { queues } = (await response.json()) as { queues: readonly { name: string; jobs: readonly Job[] }[] };
    expect(queues.map(({ name }) => name)).toEqual(['photos']);
    const [job] = queues[0]?.jobs ?? [];
    if (job !== undefined) return job;
    await setTimeout(50);
  }
}

test('Bull Board shows the queue, what tasks were given and have returned, and why they failed', async () => {
  const store = await redisStore();
  onTestFinished(() => store.remove());
  let jobs: Promise<readonly [string, Job, Job]> | undefined;
  const { code, stdout, stderr } = await run('bull-board.ts', {
    args: ['--url', store.url, '--seconds', '5'],
    onOutput: (printed) => {
      const [url] = /http:\S+/.exec(printed) ?? [];
      if (url === undefined) return;
      jobs ??= Promise.all([
        fetch(url).then((page) => page.text()),
        firstJob(url, 'completed'),
        firstJob(url, 'failed'),
      ]);
    },
  });
  expect({ code, stderr, last: stdout.trim().split('\n').at(-1) }).toEqual({ code: 0, stderr: '', last: 'over' });
  const [page, completed, failed] = (await jobs) ?? [];
  expect(page).toContain('<title>tasker</title>');
  expect(completed).toMatchObject({
    name: 'resize',
    data: { photo: expect.stringMatching(/^\w+-\d+$/), width: expect.any(Number) },
    returnValue: { file: expect.stringMatching(/\.jpg$/) },
    progress: expect.any(Number),
  });
  const reason = /^BrokenPhotoError: night-\d+ ends in the middle of its pixels\n/;
  expect(failed).toMatchObject({ name: 'resize', data: { photo: expect.stringMatching(/^night-/) } });
  expect(failed?.failedReason).toMatch(reason);
  expect(failed?.stacktrace[0]).toMatch(reason);
  expect(failed?.stacktrace[0]).not.toContain('{');
});
