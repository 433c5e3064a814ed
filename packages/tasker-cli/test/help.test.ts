import { expect, test } from 'vitest';
import { MANAGER_FLAGS, managerOptions } from '../src/command/manager-flags.ts';
import { Folder, moduleAt, tasker } from './support/command.ts';

/** Help. Needs `npm run build` first. */

test('help lists every flag in groups, with examples and exit codes', async () => {
  const { code, stdout } = await tasker(['run', '--help']);
  expect(code).toBe(0);
  const headings = [
    'Items, from one source:',
    'Results:',
    'Workers:',
    'Many machines:',
    'Resources:',
    'Each item:',
    'Examples:',
    'Exit code:',
  ];
  for (const part of [...headings, ...MANAGER_FLAGS.map(({ flag }) => flag.long)]) expect(stdout).toContain(part);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});

test.each(['worker', 'submit'])('help of %s has its flags, examples and exit codes', async (name) => {
  const { code, stdout } = await tasker([name, '--help']);
  expect(code).toBe(0);
  for (const part of ['--url <url>', 'TASKER_URL', '--queue <name>', 'Examples:', 'Exit code:']) {
    expect(stdout).toContain(part);
  }
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
});

test('without a command, help names the commands, and shows how they follow each other', async () => {
  const { code, stdout } = await tasker(['--help']);
  for (const name of ['run', 'report', 'worker', 'submit', 'init'])
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect(stdout).toMatch(/Examples:\n( {2}\$ tasker (init|run|report) .*\n){3}/);
  expect(code).toBe(0);
});

test('with a module, help tells what it sets and by which flag to change it', async () => {
  const folder = new Folder();
  folder.write(
    'worker.mjs',
    `export default { workerCount: 2, timeout: 90_000, rate: { limit: 5, interval: 1000 }, retry: { backoff: () => 1 },
      checkHealth: () => true, run: () => {} };`,
  );
  const { code, stdout } = await tasker(['run', 'worker.mjs', '--help'], { cwd: folder.path });
  expect(code).toBe(0);
  expect(stdout.slice(stdout.indexOf('worker.mjs sets:'))).toBe(`worker.mjs sets:
  workerCount  2  (--workers)
  timeout      1 min 30 s  (--timeout)
  rate         {"limit":5,"interval":1000}  (--rate)
  retry        {"backoff":"a function"}
  checkHealth  a function
`);
  expect((await tasker(['run', moduleAt('upper.mjs'), '-h'])).stdout).toContain('upper.mjs sets no option.');
  expect(await tasker(['run', 'none.mjs', '--help'])).toMatchObject({ code: 2, stdout: '' });
});

test('without a module, run says what is missing', async () => {
  const { code, stderr } = await tasker(['run']);
  expect(stderr).toBe("error: missing required argument 'module'\n(tasker run --help shows all options)\n");
  expect(code).toBe(2);
});

test.each([
  ['worker', 'upper.mjs'],
  ['submit', 'upper.mjs', 'a'],
])('without a URL, %s says what it is', async (...args) => {
  const { code, stderr } = await tasker(args, { env: { TASKER_URL: undefined } });
  expect(stderr).toBe(
    'error: where are the tasks? Give --url or set TASKER_URL: redis://HOST or postgres://HOST/DATABASE, which workers and submitters share\n',
  );
  expect(code).toBe(2);
});

test('flags become options of the manager', () => {
  const given = { workers: 2, keyRate: { limit: 1, interval: 1 }, growthMustPay: false, retries: 0, lines: 'a' };
  expect(managerOptions(given)).toEqual({
    workerCount: 2,
    keyRate: { limit: 1, interval: 1 },
    growthMustPay: false,
    maxRetries: 0,
  });
});
