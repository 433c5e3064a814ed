import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, createWorker, defineTasks } from '../../src/index.ts';
import { Program } from '../support/program.ts';

/**
 * The embedded store on a disk that is full: a limit of the size of files has the same effect and needs no rights. Needs `npm run build`
 * first.
 */

const name = 'full';
const tasks = defineTasks()({ quick: (_, { text }: { text: string }) => text });

/** Fills the store, on a disk on which a file has room for so many bytes. */
const fill = (url: string, count: number, bytes: number): Promise<readonly string[]> =>
  new Program('filler', [url, name, String(count), '500000'], {}, ['prlimit', `--fsize=${bytes}`]).rest();

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tasker-full-'));
  await fill(`pglite:${join(folder, 'made')}`, 0, 100_000_000);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['tables', 20_000_000, /^failed XX000 could not extend file .*: File too large$/],
  ['the log', 10_000_000, /^failed STORE_UNREACHABLE the embedded store has failed, .* could not write to log file/],
])(
  'a disk without room for %s fails what is submitted, clearly; a process that opens the store with room has all that it had',
  async (files, bytes, failure) => {
    const place = join(folder, files);
    cpSync(join(folder, 'made'), place, { recursive: true });
    const url = `pglite:${place}`;
    const lines = await fill(url, 100, bytes);
    const ids = lines.filter((line) => /^[\da-f]{8}-/.test(line));
    expect(ids.length).toBeGreaterThan(1);
    expect(lines.slice(ids.length)).toEqual([expect.stringMatching(failure), expect.stringMatching(failure), 'closed']);

    await using client = await connect(tasks, url, { name });
    await using _worker = await createWorker(tasks, { url, name, workerCount: 1 });
    const results = await Promise.all(ids.map((id) => client.result(id)));
    expect(results).toEqual(ids.map((_id, i) => `t${i}`));
  },
);
