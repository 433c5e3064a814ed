import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Folder, RunningCommand, moduleAt } from './support/command.ts';

/** How a run of the real command ends early. Needs `npm run build` first. */

function startGate(...args: string[]): RunningCommand {
  const file = new Folder().write('items.txt', '1\n2\n3\n4\n');
  return new RunningCommand(['run', moduleAt('gate.mjs'), '--lines', file, '--ordered', ...args]);
}

test('Ctrl-C finishes what runs, writes its lines, starts nothing more, and ends with 130', async () => {
  const command = startGate();
  await command.said('began', 2);
  command.process.kill('SIGINT');
  await command.said('finishing 2 items');
  const { code, lines, stderr } = await command.finish('go');
  expect(lines).toMatchObject([{ result: '1' }, { result: '2' }]);
  expect(stderr.match(/began/g)).toHaveLength(2);
  expect(stderr.match(/destroyed/g)).toHaveLength(2);
  expect(code).toBe(130);
});

test('a second Ctrl-C does not wait for what runs', async () => {
  const command = startGate();
  await command.said('began', 2);
  command.process.kill('SIGINT');
  await command.said('finishing 2 items');
  command.process.kill('SIGINT');
  await command.said('destroyed', 2);
  expect(await command.finish()).toMatchObject({ code: 130, stdout: '' });
});

test('SIGTERM waits for what runs only for the time of --grace, and ends with 143', async () => {
  const command = startGate('--grace', '1ms');
  await command.said('began', 2);
  command.process.kill('SIGTERM');
  await command.said('destroyed', 2);
  expect(await command.finish()).toMatchObject({ code: 143, stdout: '' });
});

test('a --grace beyond the longest timer is no short one', async () => {
  const command = startGate('--grace', '1000h');
  await command.said('began', 2);
  command.process.kill('SIGTERM');
  await command.said('finishing 2 items');
  const { code, lines, stderr } = await command.finish('go');
  expect(lines).toMatchObject([{ result: '1' }, { result: '2' }]);
  expect(stderr).not.toContain('Warning');
  expect(code).toBe(143);
});

test('an output that takes nothing does not outlast a kill', async () => {
  const file = new Folder().write('items.txt', `${'x'.repeat(4_000_000)}\nlog\n`);
  const command = new RunningCommand([
    'run',
    moduleAt('upper.mjs'),
    '--lines',
    file,
    '--max-workers',
    '1',
    '--grace',
    '1ms',
  ]);
  command.process.stdout.pause();
  await command.said('item 1');
  command.process.kill('SIGTERM');
  const [code] = (await once(command.process, 'exit')) as [number];
  expect(code).toBe(143);
});

test('Ctrl-C does not wait for more input', async () => {
  const command = new RunningCommand(['run', moduleAt('upper.mjs'), '--lines', '-']);
  command.process.stdin.write('log\n');
  await command.said('item 0');
  command.process.kill('SIGINT');
  await once(command.process, 'exit');
  expect(await command.finish()).toMatchObject({ code: 130, lines: [{ input: 'log' }] });
});

test('an output that is closed, as by head, ends it quietly with 0', async () => {
  const command = new RunningCommand(['run', moduleAt('upper.mjs'), '--lines', '-']);
  const items = 'item\n'.repeat(10_000);
  const feed = (): void => {
    while (command.process.stdin.writable && command.process.stdin.write(items));
  };
  command.process.stdin.on('drain', feed);
  feed();
  await once(command.process.stdout, 'data');
  command.process.stdout.destroy();
  const [code] = (await once(command.process, 'exit')) as [number];
  const { stderr } = await command.finish();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('memory does not grow with the input: 400,000 lines pass through a small heap', async () => {
  const nodeOptions = ['--max-old-space-size=32']; // the command itself takes 20, the lines 40
  const command = new RunningCommand(['run', moduleAt('upper.mjs'), '--lines', '-', '--json'], { nodeOptions });
  const { code, stderr } = await command.finish(`${'x'.repeat(60)}\n`.repeat(400_000));
  expect(JSON.parse(stderr)).toMatchObject({ items: 400_000, ok: 400_000 });
  expect(code).toBe(0);
});
