import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import base from '../vitest.config.ts';
import { ROOT } from './runtimes.ts';

/** What only Node has. */
const OF_NODE = /from 'node:|\bprocess\.|\bsetImmediate\b|\bBuffer\b|\.gc\b/;

/** Whether a test uses nothing of Node, neither itself nor by what it imports of `support/`. */
function runsAnywhere(file: string): boolean {
  const text = readFileSync(file, 'utf8');
  if (OF_NODE.test(text)) return false;
  const imports = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path = '']) => join(file, '..', path));
  return imports.filter((path) => path.includes('/test/')).every(runsAnywhere);
}

const tests = join(ROOT, 'packages/tasker/test');

/** The tests of the core that use nothing of Node, in Debian's Chromium. */
export default defineConfig({
  root: ROOT,
  resolve: base.resolve ?? {},
  test: {
    include: readdirSync(tests, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(tests, name))
      .filter(runsAnywhere)
      .map((file) => relative(ROOT, file)),
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
