import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./packages/tasker/src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests import the package by name, as a stranger would, but run its source, so that coverage counts it.
    alias: [
      { find: /^tasker$/, replacement: source('index.ts') },
      { find: /^tasker\/(\w+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2, // by default a machine of two cores has one
    execArgv: ['--expose-gc', '--disable-warning=TaskerWarning'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['packages/tasker/src/**/*.ts'],
      // What other threads and processes are started with: the tests run it compiled, where coverage does not look.
      exclude: ['packages/tasker/src/threads/{host,process-host,process-guard}.ts'],
      reporter: ['text', 'json-summary', 'html'],
      thresholds: { lines: 95, branches: 95 },
    },
  },
});
