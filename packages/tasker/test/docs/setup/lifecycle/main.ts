import { createTaskManager as create } from 'tasker';

export const settings = { host: '127.0.0.1', port: Number(process.env['POSTGRES_PORT']), user: 'postgres' };

const managers: { stop(): Promise<unknown> }[] = [];

/** The page stops nothing: open connections would keep the process alive. */
export const createTaskManager: typeof create = async (config) => {
  const manager = await create(config);
  managers.push(manager);
  return manager;
};

export async function end(): Promise<void> {
  for (const manager of managers) await manager.stop();
}
