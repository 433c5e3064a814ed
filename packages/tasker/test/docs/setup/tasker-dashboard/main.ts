/** What the README of tasker-dashboard leaves to its reader. */
import { createTaskManager } from 'tasker';
import { Hono } from 'hono';

export const mail = await createTaskManager({ workerCount: 2 });
export const isAdmin = (request: Request): boolean => request.headers.get('cookie') === 'admin';
export const app = new Hono();
