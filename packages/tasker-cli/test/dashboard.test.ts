import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Folder, RunningCommand, moduleAt, tasker } from './support/command.ts';
import { withoutPackage } from './support/without-package.ts';

/** `--dashboard`: a page of what runs. Needs `npm run build` first. */

const ITEMS = ['a', 'stuck', 'c'];

/** The command with its second item hanging, until there is a file `go`, and where its page is. */
async function start(...flags: string[]): Promise<{ command: RunningCommand; folder: Folder; url: string }> {
  const folder = new Folder();
  folder.write('items.txt', ITEMS.join('\n'));
  const args = ['run', moduleAt('stuck.mjs'), '--dashboard', '--lines', 'items.txt', '--out', 'out.jsonl', ...flags];
  const command = new RunningCommand(args, { cwd: folder.path });
  await command.said('began stuck');
  const [, url = ''] = /^dashboard: (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(command.stderr) ?? [];
  return { command, folder, url };
}

interface Task {
  readonly id: string;
  readonly name?: string;
}

interface State {
  readonly managers: {
    readonly stuck: { readonly snapshot: { readonly workers: { readonly tasks: { readonly task: Task }[] }[] } };
  };
}

const json = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;

test.each([[[]], [['--threads']]])('a page shows the run and ends with it, whoever watches %j', async (flags) => {
  const { command, folder, url } = await start(...flags);
  expect(await (await fetch(url)).text()).toContain('<title>');
  const { managers } = await json<State>(`${url}api/state`);
  expect(managers.stuck.snapshot.workers[0]?.tasks[0]?.task.name).toBe('stuck');
  const stream = await fetch(`${url}api/stream`);
  folder.write('go', '');
  const { code, stderr } = await command.finish();
  expect(code).toBe(0);
  expect(stderr.split('dashboard: ')).toHaveLength(2);
  await stream.text().catch(() => {}); // it ends
});

test('an item that is cancelled on the page fails, and the others go on', async () => {
  const { command, folder, url } = await start();
  const { managers } = await json<State>(`${url}api/state`);
  const id = managers.stuck.snapshot.workers[0]?.tasks[0]?.task.id ?? '';
  const [, token = ''] = /<meta name="tasker-token" content="([^"]+)"/.exec(await (await fetch(url)).text()) ?? [];
  const headers = { 'x-tasker-token': token };
  const cancel = await fetch(`${url}api/managers/stuck/tasks/${id}/cancel`, { method: 'POST', headers });
  expect(cancel.status).toBe(204);
  folder.write('go', '');
  const { code } = await command.finish();
  const lines = folder.read('out.jsonl').split('\n').slice(0, -1);
  expect(lines.map((line) => (JSON.parse(line) as { ok: boolean }).ok)).toEqual([true, false, true]);
  expect(code).toBe(1);
});

test('a port that is taken, or is none, is refused before anything is run', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const run = ['run', moduleAt('upper.mjs'), '--lines', '-', '--dashboard'];
  const { code, stderr, stdout } = await tasker([...run, String(port)], {}, 'a');
  expect(stderr).toMatch(`error: --dashboard ${port} cannot be opened: listen EADDRINUSE`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(await tasker([...run, '65536'], {}, 'a')).toMatchObject({ code: 2 });
});

test('without the package it says what to install', async () => {
  const folder = new Folder();
  const run = ['run', moduleAt('upper.mjs'), '--lines', '-', '--dashboard'];
  const options = { cwd: folder.path, nodeOptions: [withoutPackage('tasker-dashboard')] };
  expect(await tasker(run, options, 'a')).toEqual(
    expect.objectContaining({
      code: 2,
      stderr: 'error: --dashboard needs the package tasker-dashboard: npm install tasker-dashboard\n',
    }),
  );
});
