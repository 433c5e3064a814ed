// Installs what the benchmarks compare tasker with, unless exactly that is installed already.

import { execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** What is optional is for other machines, mostly. */
function isInstalled([path, { version, link, optional }]) {
  if (path === '' || link || optional || !path.startsWith('node_modules/')) return true;
  try {
    return read(`./${path}/package.json`).version === version;
  } catch {
    return false;
  }
}

if (!Object.entries(read('./package-lock.json').packages).every(isInstalled)) {
  const root = new URL('..', import.meta.url);
  execSync('npm ci --prefix benchmarks --no-audit --no-fund', { cwd: root, stdio: 'inherit' });
}
