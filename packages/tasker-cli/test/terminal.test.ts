import { expect, test } from 'vitest';
import { Folder, moduleAt } from './support/command.ts';
import { TerminalCommand } from './support/terminal.ts';

/** What `tasker run` shows on a terminal. Needs `npm run build` first. */

const ITEMS = ['a', 'bad', 'stuck', 'c', 'd'];
const args = ['run', moduleAt('stuck.mjs'), '--lines', 'items.txt', '--out', 'out.jsonl'];

/** The command with its third item hanging, until there is a file `go`. */
function start(columns: number, { flags = [], env = {} }: Options = {}): { command: TerminalCommand; folder: Folder } {
  const folder = new Folder();
  folder.write('items.txt', ITEMS.join('\n'));
  return { command: new TerminalCommand([...args, ...flags], columns, folder.path, env), folder };
}

interface Options {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

test.each([60, 120])(
  'at %i columns it shows how far it is, below what is logged, and takes it away',
  async (columns) => {
    const { command, folder } = start(columns);
    const lines = await command.shows(/2 of 5/);
    expect(lines.slice(0, 3)).toEqual(['began a', 'began bad', 'began stuck']);
    const progress = lines.slice(3);
    expect(progress.map((line) => line.trim()).join(' · ')).toMatch(
      /^\S █████+░+ 40 % · 2 of 5 · 1 failed · .+\/(s|min) · .+ left · 1 worker · 1 running · 2 queued · p50 .+ · p95 .+ · p99 /,
    );
    expect(columns === 60 ? [3, 4] : [2]).toContain(progress.length); // a slow machine has longer figures
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    folder.write('go', '');
    expect(await command.end()).toBe(1);
    const end = (await command.lines()).join('\n');
    expect(end).not.toContain('█');
    expect(end).toMatch(
      /began c\nbegan d\nErrors\n {2}1 {2}Error: no good\n {5}item 1: "bad"\n5 items: 4 ok, 1 failed, in /,
    );
    expect(end.replaceAll('\n', '')).toMatch(
      /To run the 1 failed item again: {2}(npx )?tasker run .* --resume-failed$/,
    );
  },
);

test('Ctrl-C on a terminal finishes what runs', async () => {
  const { command, folder } = start(80);
  await command.shows(/2 of 5/);
  command.type('\u0003');
  await command.shows(/finishing 1 item, starting no more; Ctrl-C again ends them/);
  folder.write('go', '');
  expect(await command.end()).toBe(130);
  expect((await command.lines()).join('\n')).toContain('3 items: 2 ok, 1 failed');
});

test('colours are there, and are not with NO_COLOR', async () => {
  for (const [env, hasColours] of [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    const { command } = start(80, { env });
    await command.shows(/1 failed/);
    expect(command.raw.includes('\u001B[31m1 failed')).toBe(hasColours);
  }
});

test('nothing is drawn on a terminal that cannot, or with --no-progress', async () => {
  for (const options of [{ env: { TERM: 'dumb' } }, { flags: ['--no-progress'] }]) {
    const { command, folder } = start(80, options);
    await command.shows(/began stuck/);
    folder.write('go', '');
    await command.end();
    expect(command.raw).not.toContain('\u001B[?25l'); // hides the cursor
    expect(command.raw).not.toContain('2 of 5');
  }
});
