// Builds the site: `npm run docs`. With `--dev` it is shown as it is written, with `--preview` as it was built.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';
import { build, createServer } from 'vitepress';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = { host: '127.0.0.1', port: 4173 };
const [mode] = process.argv.slice(2);

if (mode === '--preview') {
  const outDir = '.vitepress/dist';
  const server = await preview({ root, configFile: false, appType: 'mpa', build: { outDir }, preview: at });
  server.printUrls();
} else {
  execFileSync(process.execPath, ['write-api.mjs'], { cwd: root, stdio: 'inherit' });
  if (mode === '--dev') {
    const server = await createServer(root, at);
    await server.listen();
    server.printUrls();
  } else {
    await build(root);
    console.log('The site is in docs/.vitepress/dist. To look at it: npm run docs -- --preview');
  }
}
