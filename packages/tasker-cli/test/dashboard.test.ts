import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Folder, RunningCommand, moduleAt, tasker } from './support/command.ts';
import { withoutPackage } from './support/without-package.ts';

/** `--dashboard`: a page of what runs. Needs `npm run build` first. */

const ITEMS = ['a', 'stuck', 'c'];

/** The command with its second item hanging, until there is a file `go`, and where its page is. */
async function start(flags: readonly string[] = [], items: readonly string[] = ITEMS): Promise<Started> {
  const folder = new Folder();
  folder.write('items.txt', items.join('\n'));
  const args = ['run', moduleAt('stuck.mjs'), '--dashboard', '--lines', 'items.txt', '--out', 'out.jsonl', ...flags];
  const command = new RunningCommand(args, { cwd: folder.path });
  await command.said('began stuck');
  const [, url = ''] = /^dashboard: (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(command.stderr) ?? [];
  return { command, folder, url };
}

interface Started {
  readonly command: RunningCommand;
  readonly folder: Folder;
  readonly url: string;
}

/** Presses a button of the page. */
async function act(url: string, action: string): Promise<number> {
  const [, token = ''] = /<meta name="tasker-token" content="([^"]+)"/.exec(await (await fetch(url)).text()) ?? [];
  const headers = { 'x-tasker-token': token };
  return (await fetch(`${url}api/managers/stuck/${action}`, { method: 'POST', headers })).status;
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
  const { command, folder, url } = await start(flags);
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
  expect(await act(url, `tasks/${id}/cancel`)).toBe(204);
  folder.write('go', '');
  const { code } = await command.finish();
  const lines = folder.read('out.jsonl').split('\n').slice(0, -1);
  expect(lines.map((line) => (JSON.parse(line) as { ok: boolean }).ok)).toEqual([true, false, true]);
  expect(code).toBe(1);
});

test('a run that is stopped on the page tells how many items were not run, and can be gone on with', async () => {
  const items = ['stuck', ...Array.from({ length: 2_000 }, (_, i) => `item ${i}`)];
  const { command, folder, url } = await start([], items);
  expect(await act(url, 'stop')).toBe(204);
  folder.write('go', '');
  const { code, stderr } = await command.finish();
  const written = folder.read('out.jsonl').split('\n').length - 1;
  expect(code).toBe(1);
  expect(stderr).toContain('error: the manager was stopped, by the module or on the page');
  expect(stderr).toMatch(`${written.toLocaleString('en')} item`);
  expect(stderr).toMatch(`failed, ${(items.length - written).toLocaleString('en')} not run, in `);
  expect(stderr).toMatch(/To go on:\n.* --resume/);
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
