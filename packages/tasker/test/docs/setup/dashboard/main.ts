/** What docs/guides/dashboard.md leaves to its reader. */
import { createTaskManager } from 'tasker';

export const images = await createTaskManager({ workerCount: 2 });
export const mail = await createTaskManager({ workerCount: 2 });

export const isAdmin = (cookie: string | null): Promise<boolean> => Promise.resolve(cookie === 'admin');

export async function end(): Promise<void> {
  await Promise.all([images.stop(), mail.stop()]);
}
