import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PROFILER } from '../support/profiler.ts';

/**
 * How far a task goes through the house: calls of the built package, and files they are in, by the engine's own counts. The limits
 * are what it takes today; they fall, and do not grow.
 */
const CALLS_PER_TASK = 110;
const FILES_PER_TASK = 30;
const FUNCTIONS_OF_A_STOP = 135;

const PROGRAM = `${PROFILER}  post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  const { createTaskManager } = await import('tasker');

  /** The named functions that have run since the last look: how often each, and in which file. */
  const take = () =>
    post('Profiler.takePreciseCoverage')
      .result.filter(({ url }) => url.includes('/tasker/dist/'))
      .flatMap(({ url, functions }) =>
        functions
          .filter(({ functionName }) => functionName !== '')
          .map(({ ranges }) => ({ url, count: ranges[0].count }))
          .filter(({ count }) => count > 0),
      );

  const manager = await createTaskManager({ workerCount: 2, resourcePoolSize: 0, checkHealth: () => true });
  const CLIENTS = 64;
  const TASKS = CLIENTS * 100;
  const loop = async () => {
    let left = TASKS;
    const client = async () => { while (left-- > 0) await manager.queueTask(async () => 1); };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  };
  await loop();
  take();
  await loop();
  const often = take().filter(({ count }) => count >= TASKS / 4);
  await new Promise((resolve) => setTimeout(resolve, 300)); // until the tick has nothing to decide
  take();
  await manager.stop();
  console.log(JSON.stringify({
    calls: often.reduce((sum, { count }) => sum + count, 0) / TASKS,
    files: new Set(often.map(({ url }) => url)).size,
    stop: take().length,
  }));
`;

test('a task, and the stop of an idle manager, take no longer way than before', () => {
  const cwd = fileURLToPath(new URL('../../../..', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    cwd,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const { calls, files, stop } = JSON.parse(stdout) as { calls: number; files: number; stop: number };
  expect(calls).toBeGreaterThan(10);
  expect(calls).toBeLessThanOrEqual(CALLS_PER_TASK);
  expect(files).toBeLessThanOrEqual(FILES_PER_TASK);
  expect(stop).toBeGreaterThan(5);
  expect(stop).toBeLessThanOrEqual(FUNCTIONS_OF_A_STOP);
});
