import { SUITES } from './runtimes.ts';
import type { Runtime, Suite } from './runtimes.ts';

/** What came of a runtime. */
export interface Findings {
  readonly runtime: Runtime;
  readonly version: string;
  /** Tests that have passed, and all, by suite. */
  readonly passed: ReadonlyMap<Suite, readonly [passed: number, all: number]>;
  /** Titles of those that have failed for a known reason, by reason. */
  readonly excepted: ReadonlyMap<string, readonly string[]>;
  /** Titles and messages of the others. */
  readonly failed: readonly string[];
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** What runs where, as the page that is written of it. */
export function toPage(findings: readonly Findings[]): string {
  const table = [
    row(['tests of', ...findings.map(({ runtime, version }) => `${runtime.name} (${version})`)]),
    row(['---', ...findings.map(() => '---')]),
    ...SUITES.map((suite) =>
      row([
        suite.name,
        ...findings.map(({ passed }) => {
          const [count, all] = passed.get(suite) ?? [0, 0];
          if (all === 0) return 'not run';
          return count === all ? `all ${all}` : `${count} of ${all}`;
        }),
      ]),
    ),
  ];
  const exceptions = findings.flatMap(({ runtime, excepted }) =>
    [...excepted].map(([reason, titles]) => row([runtime.name, String(titles.length), reason])),
  );
  return `# Runtimes

What the tests of the core and its subpaths find on each runtime, written by \`npm run test:runtimes\` on ${new Date().toISOString().slice(0, 10)}. The continuous
integration runs them on all versions of Node.

${table.join('\n')}

In Chromium run those tests that use nothing of Node, such as processes, files and the garbage collector on demand.

A test that cannot pass on a runtime has a reason:

${[row(['runtime', 'tests', 'which']), row(['---', '---', '---']), ...exceptions].join('\n')}

The packages \`tasker-cli\` and \`tasker-distributed\` are for Node. The page of \`tasker-dashboard\` mounts wherever there is \`fetch\`.
`;
}
