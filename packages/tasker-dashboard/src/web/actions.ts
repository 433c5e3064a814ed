import { isTaskerError } from 'tasker';
import type { SizeOptions } from 'tasker';
import type { DashboardManager } from '../basics/shown-state.ts';
import { Refusal } from './answers.ts';

const MAX_BODY = 10_000;
/** A slip of a finger must not make a million workers, which keeps the program busy for longer than anybody waits. */
const MAX_SIZE = 10_000;
const WANTED = 'the body must be JSON, such as { "workerCount": 4 }';
const ENDED: ReadonlySet<string> = new Set(['stopping', 'stopped', 'killed']);

type Action = (manager: DashboardManager, request: Request) => void | Promise<void>;

/** What can be done to a manager, by the last part of its path. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['pause', (manager) => working(manager).pause()],
  ['resume', (manager) => working(manager).resume()],
  ['recycle', (manager) => inBackground(working(manager).recycle({ reason: 'asked for on the dashboard' }))],
  ['resize', resize],
  ['stop', (manager) => inBackground(manager.stop())],
]);

export function cancelTask(manager: DashboardManager, id: string): void {
  if (!manager.cancel(id, new DOMException('cancelled on the dashboard', 'AbortError'))) {
    throw new Refusal(404, 'no such task is waiting or running');
  }
}

/** Its end may be hours away: the page shows how far it is. */
function inBackground(promise: Promise<unknown>): void {
  promise.catch(() => {}); // its manager tells
}

function working(manager: DashboardManager): DashboardManager {
  const { state } = manager.stats();
  if (ENDED.has(state)) throw new Refusal(409, `the manager is ${state}`);
  return manager;
}

async function resize(manager: DashboardManager, request: Request): Promise<void> {
  const sizes = await readJson(request);
  if (Array.isArray(sizes)) throw new Refusal(400, WANTED);
  const limits = Object.entries(manager.limits());
  for (const [name, size] of Object.entries(sizes ?? {})) {
    const now: unknown = limits.find(([limit]) => limit === name)?.[1];
    if (size !== now && Number(size) > MAX_SIZE) {
      throw new Refusal(400, `${name} must be at most ${MAX_SIZE} here, got ${size}`);
    }
  }
  try {
    manager.resize(sizes as SizeOptions);
  } catch (error) {
    if (isTaskerError(error, 'INVALID_CONFIG')) throw new Refusal(400, error.message);
    if (isTaskerError(error, 'STOPPED')) throw new Refusal(409, error.message);
    throw error;
  }
}

async function readJson(request: Request): Promise<unknown> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_BODY) throw new Refusal(400, `the body must be shorter than ${MAX_BODY} characters`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, WANTED);
  }
}
