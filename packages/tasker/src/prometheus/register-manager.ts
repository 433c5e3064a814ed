import type { Registry, RegistryContentType } from 'prom-client';
import type { TaskManager } from '../index.ts';
import { describe } from '../primitives/check.ts';
import { OBJECT, hasMethods, invalid, readArgument, requireManager } from '../primitives/option-rules.ts';
import type { Rule } from '../primitives/option-rules.ts';
import { Exposition } from './exposition.ts';
import { Tally } from './tally.ts';

/** Options of {@link registerManager}. */
export interface RegisterOptions {
  /** Begins the name of each metric. Default `tasker_`. */
  readonly prefix?: string | undefined;
  /** Labels of all that is shown of this manager, beside `manager`, its name. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

const RULES: Record<keyof RegisterOptions, Rule> = {
  prefix: [
    'a name of letters, digits, _ and :, or empty',
    (value) => typeof value === 'string' && /^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(value),
  ],
  labels: OBJECT,
};

/** What our own metrics are labelled with. */
const OWN_LABELS = ['manager', 'task', 'outcome', 'state', 'queue', 'reason', 'le'];

const expositions = new WeakMap<object, Map<string, Exposition>>();

/**
 * Shows a manager in a registry of `prom-client`: its tasks, workers, queues and resources, as they are when the registry is
 * scraped. The metrics are listed in the guide. Several managers may be in one registry; each has its `name` as label `manager`.
 *
 * Returns the function that ends that and takes the manager out of the registry. What was counted is kept: no counter goes back, whether
 * the manager is registered again, or another one of its name and labels. Throws `INVALID_CONFIG`.
 *
 * @example
 * ```ts
 * import { Registry } from 'prom-client';
 * import { createTaskManager } from 'tasker';
 * import { registerManager } from 'tasker/prometheus';
 *
 * const registry = new Registry();
 * await using manager = await createTaskManager({ workerCount: 4, name: 'images' });
 * registerManager(registry, manager);
 * console.log(await registry.metrics()); // → tasker_workers{manager="images",state="idle"} 4
 * ```
 */
export function registerManager<R, C extends RegistryContentType>(
  registry: Registry<C>,
  manager: TaskManager<R>,
  options: RegisterOptions = {},
): () => void {
  if (!hasMethods(registry, 'registerMetric', 'getSingleMetric', 'removeSingleMetric')) {
    throw invalid(`registry must be a Registry of prom-client, got ${describe(registry)}`);
  }
  requireManager(manager, 'on', 'stats', 'metrics');
  const { prefix = 'tasker_', labels = {} } = readArgument(options, RULES);
  const tally = Tally.of(manager);
  const source = { manager: manager as unknown as TaskManager<never>, tally };
  const hide = expositionOf(registry, prefix).add(source, { manager: manager.name, ...readLabels(labels) });
  const forget = tally.use(manager);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    forget();
    hide();
  };
}

function expositionOf(registry: Registry<RegistryContentType>, prefix: string): Exposition {
  let byPrefix = expositions.get(registry);
  if (byPrefix === undefined) expositions.set(registry, (byPrefix = new Map()));
  let exposition = byPrefix.get(prefix);
  if (exposition === undefined) byPrefix.set(prefix, (exposition = new Exposition(registry, prefix)));
  return exposition;
}

/** Sorted by name, so that the same labels look alike. */
function readLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, value] of entries) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || OWN_LABELS.includes(name)) {
      throw invalid(
        `labels.${name} cannot be a label: it is ${OWN_LABELS.includes(name) ? 'one of ours' : 'no name for one'}`,
      );
    }
    if (typeof value !== 'string') throw invalid(`labels.${name} must be a string, got ${describe(value)}`);
  }
  return Object.fromEntries(entries);
}
