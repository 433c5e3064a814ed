import { join } from 'node:path';
import { build, createServer, preview } from 'vite';
import type { PreviewServer, ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXPECTED, makeBundledProject, webpackInto } from './bundled-programs.ts';
import { whatPageSays } from './chromium.ts';
import type { StrangerProject } from './stranger-project.ts';

/** Programs for a browser, as bundlers make them, in a real one: Debian's `chromium`. */

let project: StrangerProject;

beforeAll(async () => {
  project = await makeBundledProject();
});

afterAll(() => project?.[Symbol.asyncDispose]());

/** What a page of a server says; the server is ended then. */
async function ask(server: ViteDevServer | PreviewServer, page = ''): Promise<string> {
  try {
    const url = new URL(page, server.resolvedUrls?.local[0]);
    return await whatPageSays(url.href, join(project.root, 'profile'));
  } finally {
    await server.close();
  }
}

/** A server of nothing but the files of a folder of the project. */
function filesOf(folder: string): Promise<PreviewServer> {
  return preview({
    root: project.root,
    logLevel: 'error',
    build: { outDir: folder },
    preview: { host: '127.0.0.1', port: 0 },
  });
}

test('threads run in a page that Vite has bundled', async () => {
  await build({ root: project.root, logLevel: 'error', build: { outDir: 'out-vite', minify: true } });
  expect(await ask(await filesOf('out-vite'))).toBe(EXPECTED);
});

test('threads run in a page of Vite’s dev server', async () => {
  const server = await createServer({
    root: project.root,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, watch: null },
  });
  expect(await ask(await server.listen())).toBe(EXPECTED);
});

test('threads run in a page that webpack has bundled and minified', async () => {
  await webpackInto(project, 'out-webpack-web', { entry: './page.ts', target: 'web' });
  await project.write('out-webpack-web/index.html', '<!doctype html><script src="main.js"></script>');
  expect(await ask(await filesOf('out-webpack-web'))).toBe(EXPECTED);
});

test('threads run in a page that is not bundled, with a module by its address', async () => {
  expect(await ask(await filesOf('.'), 'plain/')).toBe('42');
});

test('a module in TypeScript by its address, which Vite does not compile, fails with the remedy', async () => {
  await project.write('wrong.html', '<!doctype html><script type="module" src="./by-address.ts"></script>');
  await build({
    root: project.root,
    logLevel: 'error',
    build: { outDir: 'out-wrong', rollupOptions: { input: join(project.root, 'wrong.html') } },
  });
  const [small, large] = (await ask(await filesOf('out-wrong'), 'wrong.html')).split('; and ');
  expect(small).toContain(
    'the bundler has made a data: URL of a TypeScript file, without compiling it: give threads() a function',
  );
  expect(large).toMatch(/large-.*\.ts \(it is TypeScript; if the program is bundled, give threads\(\) a function/);
});
