import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PostgresServer } from '../faults/postgres-server.ts';
import { commandPages, docblockPages, markdownPages, repositoryRoot } from './pages.ts';
import { isCode } from './programs.ts';
import { Workshop } from './workshop.ts';

/**
 * Every code block of the README, of `docs/` and of docblocks is type-checked and run, against the built package. How a page
 * says otherwise, and what `setup/` is for, is told in CONTRIBUTING.md. Needs `npm run build` first.
 */

const SHELL = ['sh', 'bash', 'shell', 'console'];
const NO_CODE = ['text', 'mermaid'];

const pages = [...markdownPages(), ...docblockPages()].filter(({ blocks }) => blocks.length > 0);

/** Whether an error of the compiler is in this page. */
const isOf = (path: string, error: string): boolean =>
  error.startsWith(`${path}:`) || error.startsWith(`the setup of ${path},`);

let workshop: Workshop;
let errors: readonly string[];
let postgres: PostgresServer;

beforeAll(async () => {
  if (!existsSync(join(repositoryRoot, 'packages/tasker/dist/index.js'))) throw new Error('run `npm run build` first');
  postgres = await PostgresServer.create();
  await postgres.start();
  workshop = await Workshop.make(pages);
  errors = await workshop.check();
}, 120_000);

afterAll(async () => {
  await workshop?.[Symbol.asyncDispose]();
  await postgres?.remove();
});

describe.each(pages)('$path', ({ path, blocks }) => {
  test('has only code that is checked, or marked as a fragment', () => {
    const strange = blocks.filter(
      (block) =>
        !isCode(block) &&
        ![...SHELL, ...NO_CODE, 'json', 'jsonl'].includes(block.language) &&
        block.marks.fragment === undefined,
    );
    expect(strange.map(({ line, language }) => `${path}:${line}: nothing checks ${language || 'no language'}`)).toEqual(
      [],
    );
  });

  test('type-checks', () => {
    expect(errors.filter((error) => isOf(path, error))).toEqual([]);
  });

  test('has JSON that is JSON', () => {
    for (const { language, lines } of blocks) {
      if (language === 'json') JSON.parse(lines.join('\n'));
      if (language === 'jsonl') for (const line of lines) JSON.parse(line);
    }
  });

  test('runs, and prints what its comments say', async () => {
    for (const program of workshop.programs(path)) {
      const { code, stdout, stderr } = await workshop.run(path, program, {
        POSTGRES_PORT: String(postgres.port),
        DATABASE_URL: `postgres://postgres@127.0.0.1:${postgres.port}/postgres`,
      });
      expect(code, `${path}, ${program.name}:\n${stdout}\n${stderr}`).toBe(0);
      const printed = stdout.split('\n');
      for (const text of program.prints) {
        const at = printed.findIndex((line) => line.includes(text));
        expect(at, `${path}, ${program.name} must print ${text}, printed:\n${stdout}`).toBeGreaterThanOrEqual(0);
        printed.splice(0, at + 1);
      }
    }
  });
});

test('no page has an error that belongs to none', () => {
  expect(errors.filter((error) => !pages.some(({ path }) => isOf(path, error)))).toEqual([]);
});

describe.each(commandPages())('the commands of $path', ({ text }) => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };

  test('are scripts that there are', () => {
    const named = [...text.matchAll(/\bnpm (?:run (?:-s |--silent )?([\w:-]+)|(test|start)\b)/g)];
    const missing = named.map(([, run, short]) => run ?? short ?? '').filter((name) => !Object.hasOwn(scripts, name));
    expect(missing).toEqual([]);
  });

  test('are about files that there are', () => {
    const named = [
      ...text.matchAll(/\b(?:node|npx tsx|npx vitest run) ((?:packages|examples|benchmarks|docs)\/[\w./-]+)/g),
    ];
    expect(named.map(([, path = '']) => path).filter((path) => !existsSync(join(repositoryRoot, path)))).toEqual([]);
  });
});
