/** What docs/guides/deploying.md leaves to its reader. */
import { defineTasks } from 'tasker-distributed';

export const tasks = defineTasks()({ ping: async () => 'pong' });
/** The pages are run where there is no server. */
export const STORE = 'pglite://memory';
