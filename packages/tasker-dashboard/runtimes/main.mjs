// Mounts the packed dashboard for real in Bun, Deno and Next, and asks each for the page, its files, the stream and an action:
// `npm run check:runtimes [bun deno next]`. They weigh half a gigabyte together, so they are installed into a temporary folder, and not with
// the project.
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from './check.mjs';
import { RUNTIMES } from './runtimes.mjs';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(RUNTIMES);

/** Nothing of an outer `npm run`, which would point the inner npm at this repository. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm|node)_/i.test(name)));

const folder = await mkdtemp(join(tmpdir(), 'tasker-runtimes-'));
try {
  for (const name of ['tasker', 'tasker-dashboard']) {
    const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
    execFileSync('npm', args, { cwd: join(repository, 'packages', name), env });
  }
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const packages = wanted.flatMap((name) => RUNTIMES[name].packages);
  const tarballs = ['./tasker-0.1.0.tgz', './tasker-dashboard-0.1.0.tgz'];
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...tarballs, ...packages], {
    cwd: folder,
    env,
  });
  for (const name of wanted) await run(name);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function run(name) {
  const { files, prepare, start } = RUNTIMES[name];
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  if (prepare !== undefined) execFileSync('npx', prepare, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const server = spawn('npx', start, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  try {
    const url = await addressOf(server);
    await check(`${url}/tasker/`);
    console.log(`${name}: page, files, state, stream and actions`);
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL'); // npx and what it has started
  }
}

/** They tell it in words of their own. */
async function addressOf(server) {
  let said = '';
  for await (const chunk of server.stdout.setEncoding('utf8')) {
    said += chunk;
    const [, port] = /http:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(said) ?? [];
    if (port === undefined) continue;
    server.stdout.resume();
    return `http://127.0.0.1:${port}`;
  }
  throw new Error(`the server has ended: ${said}`);
}
