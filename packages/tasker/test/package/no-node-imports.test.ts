import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const source = fileURLToPath(new URL('../../src', import.meta.url));
const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name));

/** The module names in `import … from`, `export … from`, `import '…'`, `import('…')` and `require('…')`. */
function importedModules(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/\b(?:from|import|require)\s*\(?\s*(['"])(.+?)\1/g)].map((match) => match[2] ?? '');
}

/** The subpaths of Node alone; the floors see to it that nothing else imports them. */
const OF_NODE = ['node'];

const isBuiltin = (name: string): boolean =>
  name.startsWith('node:') || builtinModules.includes(name.split('/', 1)[0] ?? name);

describe('the source of the core', () => {
  test('is found by this test', () => {
    expect(files.map((file) => relative(source, file))).toContain('index.ts');
  });

  test('imports no module of Node, so that it runs in Deno, Bun and a browser', () => {
    const offences = files
      .filter((file) => !OF_NODE.includes(relative(source, dirname(file))))
      .flatMap((file) =>
        importedModules(readFileSync(file, 'utf8'))
          .filter(isBuiltin)
          .map((name) => `${relative(source, file)} imports ${name}`),
      );
    expect(offences).toEqual([]);
  });

  test.each([
    `import { on } from 'node:events';`,
    `import type { Worker } from "worker_threads";`,
    `export * from 'fs/promises';`,
    `import 'node:process';`,
    `await import('node:fs');`,
    `const fs = require('fs');`,
    `let hooks: typeof import('node:async_hooks');`,
  ])('would be caught doing: %s', (code) => {
    expect(importedModules(code).filter(isBuiltin)).toHaveLength(1);
  });

  test.each([
    `process.getBuiltinModule('node:async_hooks');`,
    `/** import { on } from 'node:events'; */`,
    `import { Deque } from './deque.ts';`,
  ])('is free to say: %s', (code) => {
    expect(importedModules(code).filter(isBuiltin)).toEqual([]);
  });
});
