import { createTaskManager as create } from 'tasker';
import type { TaskManagerConfig } from 'tasker';

export const settings = { host: '127.0.0.1', port: Number(process.env['POSTGRES_PORT']), user: 'postgres' };

/** The least of a browser. */
export const launch = async () => ({
  isConnected: () => true,
  newPage: async () => ({ goto: async (_url: string) => {}, title: async () => 'a title', close: async () => {} }),
  close: async () => {},
});
export const urls = ['https://example.org/'];

const managers: { stop(): Promise<unknown> }[] = [];

/** The page stops nothing: open connections would keep the process alive. */
export const createTaskManager = (async (config: TaskManagerConfig<unknown>) => {
  const manager = await create(config);
  managers.push(manager);
  return manager;
}) as typeof create;

export async function end(): Promise<void> {
  for (const manager of managers) await manager.stop();
}
