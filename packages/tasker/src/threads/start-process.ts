import { messageOf } from '../primitives/check.ts';
import { ModuleThread } from './module-thread.ts';
import { ProcessPort } from './process-port.ts';
import type { ChildProcess } from './process-port.ts';
import type { ResolvedProcessOptions } from './process-options.ts';
import type { ThreadInit } from './protocol.ts';
import { messageSerializer } from './serializer.ts';
import type { MessageSerializer, NodeV8 } from './serializer.ts';
import type { Start } from './start-thread.ts';
import { ThreadError } from './thread-error.ts';

type Stdio = 'inherit' | 'ignore' | 'pipe';

/** What a runtime may have of processes; each may be missing. */
export interface ProcessRuntime {
  readonly process?: NodeProcess;
}

interface NodeProcess {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: Builtins;
}

interface Builtins {
  (id: 'node:child_process'): NodeChildProcess | undefined;
  (id: 'node:fs'): { existsSync(path: string): boolean };
  (id: 'node:url'): { fileURLToPath(url: string): string };
  (id: 'node:v8'): NodeV8;
}

interface NodeChildProcess {
  spawn(
    command: string,
    args: readonly string[],
    options: { stdio: readonly Stdio[]; env?: object; cwd?: string; windowsHide: boolean },
  ): ChildProcess;
}

/** Starts a process and waits until it takes calls. Rejects with what the module or its `onCreate` threw. */
export async function startProcess(
  options: ResolvedProcessOptions,
  { signal, onDeath }: Start,
  runtime: ProcessRuntime = globalThis,
): Promise<ModuleThread> {
  signal?.throwIfAborted();
  const port = startPort(options, runtime);
  const init: ThreadInit = { module: options.module, data: options.data, shared: undefined };
  const thread = new ModuleThread(port, init, options.abortTimeout, onDeath);
  for (const source of ['stdout', 'stderr'] as const) {
    const output = options[source];
    if (typeof output === 'function') port.capture(source, (chunk) => output(chunk, thread as never));
  }
  await thread.ready(signal);
  return thread;
}

function startPort(options: ResolvedProcessOptions, { process }: ProcessRuntime): ProcessPort {
  const builtin = process?.getBuiltinModule;
  const childProcess = builtin?.('node:child_process');
  if (process === undefined || builtin === undefined || childProcess === undefined) {
    throw new Error('this runtime has no node:child_process');
  }
  const host = hostFile(builtin);
  const serializer = messageSerializer(builtin('node:v8'), process.versions['bun'] !== undefined);
  const init = serializeInit(serializer, options);
  const { execArgv = ownArguments(process.execArgv), env, cwd, stdout, stderr } = options;
  const child = childProcess.spawn(process.execPath, [...execArgv, host], {
    stdio: ['ignore', stdioOf(stdout), stdioOf(stderr), 'pipe', 'pipe'],
    ...(env !== undefined && { env }),
    ...(cwd !== undefined && { cwd: typeof cwd === 'string' ? cwd : builtin('node:url').fileURLToPath(cwd.href) }),
    windowsHide: true,
  });
  return new ProcessPort(child, serializer, `the process of ${nameOf(options.module)}`, init);
}

function serializeInit(serializer: MessageSerializer, { module, data, name }: ResolvedProcessOptions): Uint8Array {
  try {
    return serializer.serialize([module, data, name]);
  } catch (cause) {
    const message = `the option data cannot be sent to a process: ${messageOf(cause)}`;
    throw new ThreadError('NOT_CLONEABLE', message, { cause });
  }
}

/** The program of a process. From the sources, which run in tests only, it is the compiled one. */
function hostFile(builtin: Builtins): string {
  const here = import.meta.url as string | undefined; // undefined in a CommonJS bundle
  const name = here?.endsWith('.ts') === true ? '../../dist/threads/process-host.js' : './process-host.js';
  const file = here === undefined ? undefined : builtin('node:url').fileURLToPath(new URL(name, here).href);
  if (file === undefined || !builtin('node:fs').existsSync(file)) {
    const remedy = 'keep tasker out of the bundle: name it as external';
    throw new Error(
      `processes need the file process-host.js of tasker/threads beside the code that starts them; ${remedy}`,
    );
  }
  return file;
}

function stdioOf(output: ResolvedProcessOptions['stdout']): Stdio {
  return typeof output === 'function' ? 'pipe' : output;
}

/** How a module is called in messages: by its file's name. */
function nameOf(module: string): string {
  const { protocol, pathname } = new URL(module);
  return protocol === 'file:'
    ? decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1))
    : `a ${protocol} module`;
}

/** Arguments that are about the program of this process, the next one with it if there is no `=`. */
const PROGRAM = /^(--input-type|--eval|--print|-e|-p|-pe)(=|$)/;
/** Those by which a process would be debugged, on the same port, tested, watched or talked to instead of serving. */
const OTHER_MODES = /^(--inspect|--test|--watch|--check$|-c$|--interactive$|-i$)/;

/** The process's own arguments, as far as they are good for another program. */
export function ownArguments(own: readonly string[]): readonly string[] {
  return own.filter((arg, i) => {
    const before = own[i - 1] ?? '';
    const isValue = PROGRAM.test(before) && !before.includes('=');
    return !isValue && !PROGRAM.test(arg) && !OTHER_MODES.test(arg);
  });
}
