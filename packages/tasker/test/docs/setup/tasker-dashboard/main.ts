/** What the README of tasker-dashboard leaves to its reader. */
import { createTaskManager } from 'tasker';

export const mail = await createTaskManager({ workerCount: 2 });
export const isAdmin = (request: Request): boolean => request.headers.get('cookie') === 'admin';

type Handler = (context: { req: { raw: Request } }) => Promise<Response>;
/** Of an app of Hono what the page uses. */
export const app = {
  handlers: new Map<string, Handler>(),
  all(path: string, handler: Handler): void {
    this.handlers.set(path, handler);
  },
};
