import pg from 'pg';
import { createTaskManager } from 'tasker';

export const manager = await createTaskManager({
  onCreate: async () => {
    const client = new pg.Client({ host: '127.0.0.1', port: Number(process.env['POSTGRES_PORT']), user: 'postgres' });
    client.on('error', () => {});
    await client.connect();
    return client;
  },
  onDestroy: (client) => client.end(),
  checkHealth: (error) => typeof (error as { code?: string } | undefined)?.code === 'string',
  workerCount: 1,
});
await manager.queueTask((client) =>
  client.query('drop table if exists visits; create table visits (page text not null)'),
);

/** The page stops nothing: open connections would keep the process alive. */
export async function end(): Promise<void> {
  await manager.queueTask((client) => client.query('drop table visits'));
  await manager.stop();
}
