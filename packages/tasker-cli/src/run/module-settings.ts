import { formatDuration } from '../basics/duration.ts';
import { loadModule } from '../process/load-module.ts';
import { loadWorker } from '../work/load-worker.ts';

/** An option that a module sets. */
export interface ModuleSetting {
  readonly option: string;
  /** Its value, for people. */
  readonly value: string;
}

/** What a module sets, in its order. Rejects with `UsageError` if it is no module to run. */
export async function moduleSettings(path: string): Promise<ModuleSetting[]> {
  const { options } = await loadModule(path, loadWorker);
  return Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => ({ option, value: textOf(option, value) }));
}

/** Options that are a number of milliseconds. */
const DURATION =
  /timeout$|^(?:abandonAfter|stuckAfter|validateAfter|idleTimeout|targetWait|burstInterval|keepAlive|maxAge|aging)$/i;

function textOf(option: string, value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' && DURATION.test(option)) return formatDuration(value);
  return (
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'function' ? 'a function' : part)) ?? String(value)
  );
}
