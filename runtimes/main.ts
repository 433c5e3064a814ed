// Runs the tests of the core and its subpaths on other runtimes. `npm run test:runtimes` runs all and writes docs/runtimes.md; names, such as
// `-- node-22 bun`, choose some, `--core` the core alone, and nothing is written. A test that fails without a reason in runtimes.ts fails the run.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { toPage } from './page.ts';
import type { Findings } from './page.ts';
import { CORE, ROOT, RUNTIMES } from './runtimes.ts';
import type { Runtime } from './runtimes.ts';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const TESTS = 'packages/tasker/test';

async function run(runtime: Runtime, folder: string): Promise<Findings> {
  const [program = '', ...args] = runtime.command;
  const output = join(folder, `${runtime.id}.json`);
  const folders = runtime.suites.flatMap((suite) => suite.folders.map((name) => `${TESTS}/${name}/`));
  const child = spawn(
    program,
    [
      ...args,
      'run',
      ...folders,
      '--coverage.enabled=false',
      '--testTimeout=30000',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile=${output}`,
    ],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'ignore'] },
  );
  await once(child, 'exit');
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  const passed = new Map(runtime.suites.map((suite) => [suite, [0, 0] as [number, number]]));
  const excepted = new Map<string, string[]>();
  const failed: string[] = [];
  const fail = (title: string, message: string): void => {
    const reason = Object.entries(runtime.exceptions).find(([part]) => title.includes(part))?.[1];
    if (reason === undefined) failed.push(`${title}\n${message}`);
    else excepted.set(reason, [...(excepted.get(reason) ?? []), title]);
  };
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = relative(join(ROOT, TESTS), name);
    const suite = runtime.suites.find(({ folders: own }) => own.includes(file.split('/', 1)[0] ?? ''));
    const count = suite && passed.get(suite);
    if (count === undefined) continue;
    for (const test of assertionResults) {
      count[1] += 1;
      if (test.status === 'passed') count[0] += 1;
      else fail(`${file} ${test.title}`, test.failureMessages.join('\n'));
    }
    if (status === 'failed' && assertionResults.every((test) => test.status === 'passed')) fail(`${file} `, message);
  }
  return { runtime, version: versionOf(runtime), passed, excepted, failed };
}

function versionOf({ command: [program = ''], version, id }: Runtime): string {
  const text = id === 'chromium' ? execFileSync('chromium', ['--version']) : execFileSync(program, version);
  return /\d+\.\d+(\.\d+)*/.exec(String(text))?.[0] ?? '?';
}

const names = process.argv.slice(2).filter((argument) => argument !== '--core');
/** The core alone, as the CI has it. */
const isCoreOnly = process.argv.includes('--core');
const unknown = names.filter((name) => !RUNTIMES.some(({ id }) => id === name));
if (unknown.length > 0)
  throw new Error(`no runtime ${unknown.join(', ')}; there is ${RUNTIMES.map(({ id }) => id).join(', ')}`);

const folder = mkdtempSync(join(tmpdir(), 'runtimes-'));
const findings: Findings[] = [];
for (const runtime of RUNTIMES.filter(({ id }) => names.length === 0 || names.includes(id))) {
  console.log(`\n== ${runtime.name}`);
  findings.push(await run(isCoreOnly ? { ...runtime, suites: [CORE] } : runtime, folder));
}
rmSync(folder, { recursive: true });

const failed = findings.flatMap(({ runtime, failed: own }) => own.map((text) => `${runtime.name}: ${text}`));
console.log(`\n${failed.join('\n\n')}`);
for (const { runtime, passed, excepted } of findings) {
  const sums = [...passed].map(([{ name }, [count, all]]) => `${name} ${count} of ${all}`);
  console.log(`${runtime.name}: ${sums.join(', ')}; ${[...excepted.values()].flat().length} known exceptions`);
}
if (failed.length > 0) process.exitCode = 1;
else if (names.length === 0 && !isCoreOnly) writeFileSync(join(ROOT, 'docs/runtimes.md'), toPage(findings));
