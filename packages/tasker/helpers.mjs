// Takes `this` out of the helpers that `tsc` writes at the top of modules, where it is undefined and Rollup warns of it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('dist', import.meta.url));

for (const name of readdirSync(dist, { recursive: true })) {
  if (!name.endsWith('.js')) continue;
  const file = join(dist, name);
  const code = readFileSync(file, 'utf8');
  const without = code.replace(/^(var __\w+ = )\(this && this\.__\w+\) \|\| /gm, '$1');
  if (without !== code) writeFileSync(file, without);
}
