// Installs what a private folder needs (`benchmarks`, unless another one is named), unless exactly that is installed already.

import { execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const [folder = 'benchmarks'] = process.argv.slice(2);
const root = new URL('..', import.meta.url);

const read = (path) => JSON.parse(readFileSync(new URL(`${folder}/${path}`, root), 'utf8'));

/** What is optional is for other machines, mostly; peers are those of the workspace. */
function isInstalled([path, { version, link, optional, peer }]) {
  if (path === '' || link || optional || peer || !path.startsWith('node_modules/')) return true;
  try {
    return read(`${path}/package.json`).version === version;
  } catch {
    return false;
  }
}

if (!Object.entries(read('package-lock.json').packages).every(isInstalled)) {
  execSync(`npm ci --prefix ${folder} --omit=peer --no-audit --no-fund`, { cwd: root, stdio: 'inherit' });
}
