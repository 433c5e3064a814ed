// @ts-check
/**
 * Records the terminal picture of the README: `npm run build && node packages/tasker-cli/picture/record.mjs`. Needs `script`, of
 * util-linux, and the development dependencies. What is typed is typed into a real shell.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';
import { readFrame, toSvg } from './terminal-svg.mjs';

const COLUMNS = 92;
const ROWS = 36;
const PHOTOS = 900;

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'tasker-picture-'));
symlinkSync(here('../../../node_modules'), join(folder, 'node_modules'));
mkdirSync(join(folder, 'bin'));
writeFileSync(join(folder, 'bin/tasker'), `#!/bin/sh\nexec node ${here('../dist/main.js')} "$@"\n`, { mode: 0o755 });

const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
const shell = spawn(
  'script',
  ['--quiet', '--flush', '--command', `stty cols ${COLUMNS} rows ${ROWS}; exec bash --norc`, '/dev/null'],
  {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      PS1: '\\[\\e[32m\\]$\\[\\e[0m\\] ',
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
    },
  },
);
shell.stdout.on('data', (data) => terminal.write(data));

const startedAt = performance.now();
/** @type {import('./terminal-svg.mjs').Frame[]} */
const frames = [];
function shoot() {
  const frame = readFrame(terminal, Math.round(performance.now() - startedAt));
  const last = frames.at(-1);
  if (last !== undefined && JSON.stringify(last.rows) === JSON.stringify(frame.rows)) return;
  frames.push(frame);
}
const camera = setInterval(shoot, 250);

const screen = () =>
  Array.from({ length: terminal.rows }, (_, row) =>
    terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)?.translateToString(true),
  )
    .join('\n')
    .trimEnd();

/** Waits until the screen ends so. */
async function until(/** @type {RegExp} */ pattern) {
  while (!pattern.test(screen())) await setTimeout(50);
}

async function type(/** @type {string} */ text) {
  for (const character of text) {
    shell.stdin.write(character);
    await setTimeout(25);
  }
  await setTimeout(300);
  shell.stdin.write('\n');
  await setTimeout(200);
}

const PROMPT = /(^|\n)\$$/;
await until(PROMPT);
await type('tasker init thumbs');
await until(PROMPT);
await setTimeout(1_500);
const photos = readdirSync(join(folder, 'photos')).filter((name) => name !== 'stamp.jpg'); // of which the module says that it is small
for (let i = 0; i < PHOTOS; i++) {
  cpSync(
    join(folder, 'photos', photos[i % photos.length] ?? ''),
    join(folder, 'photos', `photo-${String(i).padStart(3, '0')}.jpg`),
  );
}
await type(`sed -i 's/WIDTH = 240/WIDTH = 160/' thumbs.mjs`);
await setTimeout(500);
await type('clear');
await type(`tasker run thumbs.mjs "photos/*.jpg" --out thumbs.jsonl`);
await until(/[45]\d % · /);
shell.stdin.write('\u0003');
await until(PROMPT);
await setTimeout(1_000);
await type(`tasker run thumbs.mjs "photos/*.jpg" --out thumbs.jsonl --resume`);
await until(PROMPT);
await setTimeout(2_000);
await type('clear');
await type('tasker report thumbs.jsonl');
await until(PROMPT);
await setTimeout(500);
clearInterval(camera);
shoot();
shell.stdin.end('exit\n');
rmSync(folder, { recursive: true, force: true });

const title = 'tasker init thumbs; tasker run; Ctrl-C; tasker run --resume; tasker report';
writeFileSync(here('../terminal.svg'), toSvg(frames, { columns: COLUMNS, rows: ROWS, title, rest: 5_000 }));
console.log(`${frames.length} frames`);
