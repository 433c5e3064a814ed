import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A runtime, and what of the tests it runs. */
export interface Runtime {
  /** As the command line names it. */
  readonly id: string;
  /** As people call it. */
  readonly name: string;
  /** Runs Vitest: the program and its first arguments. */
  readonly command: readonly string[];
  /** Prints its version: further arguments of the program. */
  readonly version: readonly string[];
  readonly suites: readonly Suite[];
  /** Tests that cannot pass there, by a part of their file and title, and why. */
  readonly exceptions: Readonly<Record<string, string>>;
}

/** Tests that run together: folders of `packages/tasker/test`. */
export interface Suite {
  readonly name: string;
  readonly folders: readonly string[];
}

export const CORE: Suite = {
  name: 'the core',
  folders: ['primitives', 'tasks', 'resources', 'scaling', 'metrics', 'manager', 'promises', 'parity'],
};
const TESTING: Suite = { name: '`tasker/testing`', folders: ['testing'] };
const THREADS: Suite = { name: '`tasker/threads`', folders: ['threads'] };
const TELEMETRY: Suite = {
  name: '`tasker/node`, `tasker/otel`, `tasker/prometheus`',
  folders: ['node', 'otel', 'prometheus'],
};
const ALL = [CORE, TESTING, THREADS, TELEMETRY];
export const SUITES: readonly Suite[] = ALL;

const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const installed = (path: string): string => join(ROOT, 'runtimes/node_modules', path);

const GC = 'looks at what V8 has collected, or at how many bytes it takes';
const HOOKS = 'needs `async_hooks` with destroy hooks';
const PROFILER = 'counts with the profiler of V8';
const STACKS = 'compares stack traces of V8';

const node = (version: number): Runtime => ({
  id: `node-${version}`,
  name: `Node ${version}`,
  command: [installed(`node-${version}/bin/node`), VITEST],
  version: ['--version'],
  suites: ALL,
  exceptions: {},
});

export const RUNTIMES: readonly Runtime[] = [
  { ...node(20), command: [process.execPath, VITEST] },
  node(22),
  node(24),
  {
    id: 'bun',
    name: 'Bun',
    command: [installed('@oven/bun-linux-x64/bin/bun'), '--bun', VITEST],
    version: ['--version'],
    suites: [CORE, TESTING, TELEMETRY],
    exceptions: {
      'tasks/queue.test.ts lets go of what has left': GC,
      'manager/settled-task.test.ts': HOOKS,
      'manager/lets-go.test.ts': GC,
      'promises/map.test.ts once it has ended holds nothing': GC,
      'promises/async-context.test.ts true: ten tasks': HOOKS,
      'promises/leases.test.ts is shown as `stuck` once': STACKS,
      'primitives/errors.test.ts': STACKS,
      'manager/cost-per-event.test.ts': PROFILER,
    },
  },
  {
    id: 'deno',
    name: 'Deno',
    command: [installed('@deno/linux-x64-glibc/deno'), 'run', '--allow-all', '--v8-flags=--expose-gc', VITEST],
    version: ['--version'],
    suites: [CORE, TESTING, TELEMETRY],
    exceptions: {
      'tasks/queue.test.ts keeps nothing of priorities': GC,
      'manager/lets-go.test.ts': GC,
      'manager/cost-per-event.test.ts': PROFILER,
      'testing/fake-timers.test.ts': 'needs the mocked timers of `node:test`',
      'otel/otlp.test.ts what runs when the process is told to end': 'starts a program with the command line of Node',
    },
  },
  {
    id: 'chromium',
    name: 'Chromium',
    command: [process.execPath, VITEST, '--config', join(ROOT, 'runtimes/chromium.config.ts')],
    version: [],
    suites: [CORE, TESTING],
    exceptions: {
      'primitives/clock.test.ts': 'loads a module anew, or asks a timer whether it keeps the process alive',
    },
  },
];
