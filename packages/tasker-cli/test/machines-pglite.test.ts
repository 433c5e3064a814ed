import { expect, test } from 'vitest';
import { Machines } from './support/machines.ts';

/** `tasker run --url` with the store in the process. Needs `npm run build` first. */

const ok = (index: number, input: string) => expect.objectContaining({ index, input, ok: true, attempts: 1 });

test('a store in a folder keeps what a run has submitted through kill -9, and only one process has it open', async () => {
  const machines = new Machines('pglite:store');
  machines.items('a', 'stuck', 'c');
  const run = machines.run();
  await run.said('began stuck');
  const second = await machines.submit('--name', 'run', 'x');
  expect(second).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: .*store.* is (open|in use)/) });
  run.process.kill('SIGKILL');
  await run.finish();
  machines.folder.write('go', '');
  expect(await machines.run('--resume').finish()).toMatchObject({ code: 0 });
  expect(machines.lines).toEqual([ok(0, 'a'), expect.objectContaining({ index: 1, ok: true }), ok(2, 'c')]);
});
