// Runs contestants, one child process after the other, so that none disturbs the times of another.

import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TIME_LIMIT = 30_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** All situations as `{ file, situation }`, by the number in front of the name of their file. */
export async function loadSituations() {
  const files = readdirSync(here('./situations')).filter((name) => name.endsWith('.mjs'));
  files.sort();
  return Promise.all(files.map(async (file) => ({ file, situation: (await import(`./situations/${file}`)).default })));
}

/** Runs one contestant: `{ right, outcome }`, whatever it does. */
export function runContestant(file, contestant) {
  return new Promise((resolve) => {
    const child = fork(here('./child.mjs'), [file, contestant], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let errors = '';
    let result;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, TIME_LIMIT);
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('message', (message) => {
      result = message;
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (result) resolve(result);
      else if (late) resolve({ right: false, outcome: `nothing within ${TIME_LIMIT / 1_000} s` });
      else if (code === 13) resolve({ right: false, outcome: 'the process ended while a promise was pending' });
      else resolve({ right: false, outcome: `crashed: ${/^\w*Error.*$/m.exec(errors)?.[0] ?? `exit code ${code}`}` });
    });
  });
}
