import { createTaskManager } from 'tasker';
import type { PlainTaskManagerConfig, TaskManager } from 'tasker';
import { onTestFinished } from 'vitest';
import { createDashboard } from '../../src/index.ts';
import type { Dashboard, DashboardOptions } from '../../src/index.ts';

export type Manager = TaskManager<undefined>;

/** A manager with one worker, ended after the test. */
export async function startManager(config: Partial<PlainTaskManagerConfig> = {}): Promise<Manager> {
  const manager = await createTaskManager({ workerCount: 1, scaling: 'off', resourcePoolSize: 0, ...config });
  onTestFinished(async () => {
    await manager.kill();
  });
  return manager;
}

/** A dashboard, closed after the test. */
export function openDashboard(options: DashboardOptions): Dashboard {
  const dashboard = createDashboard(options);
  onTestFinished(() => dashboard.close());
  return dashboard;
}

/** A dashboard of one manager named `images`, and how to ask it. */
export async function startDashboard(
  options: Omit<DashboardOptions, 'managers'> = {},
  config: Partial<PlainTaskManagerConfig> = {},
): Promise<Started> {
  const manager = await startManager(config);
  const dashboard = openDashboard({ managers: { images: manager }, ...options });
  return { manager, dashboard, ...asking(dashboard) };
}

interface Started extends Asking {
  readonly manager: Manager;
  readonly dashboard: Dashboard;
}

interface Asking {
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  /** As the page does it; `headers` win. */
  readonly post: (path: string, body?: string, headers?: Record<string, string | undefined>) => Promise<Response>;
  readonly token: () => Promise<string>;
}

export function asking({ fetch }: Pick<Dashboard, 'fetch'>, origin = 'http://localhost:4000'): Asking {
  const get: Asking['get'] = (path, headers = {}) => fetch(new Request(origin + path, { headers }));
  const token = async (): Promise<string> => tokenIn(await (await get('/')).text());
  const post: Asking['post'] = async (path, body, headers = {}) => {
    const own: Record<string, string | undefined> = { 'x-tasker-token': await token(), origin, ...headers };
    const given = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(new Request(origin + path, { method: 'POST', headers: given, ...(body !== undefined && { body }) }));
  };
  return { get, post, token };
}

export const tokenIn = (html: string): string => /<meta name="tasker-token" content="([^"]+)"/.exec(html)?.[1] ?? '';

export const errorOf = async (response: Response): Promise<unknown> =>
  ((await response.json()) as { error: unknown }).error;
