// Builds the site: `npm run docs`. With `--dev` it is shown as it is written, with `--preview` as it was built.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build, createServer, serve } from 'vitepress';

const root = fileURLToPath(new URL('.', import.meta.url));
const [mode = 'build'] = process.argv.slice(2);
const port = 4173;

if (mode !== '--preview') execFileSync(process.execPath, ['write-api.mjs'], { cwd: root, stdio: 'inherit' });

if (mode === '--dev') {
  const server = await createServer(root, { port, host: '127.0.0.1' });
  await server.listen();
  server.printUrls();
} else if (mode === '--preview') {
  await serve({ root, port });
} else {
  await build(root);
  console.log('The site is in docs/.vitepress/dist. To look at it: npm run docs -- --preview');
}
