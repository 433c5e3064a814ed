import { defineTasks } from 'tasker-distributed';

export const tasks = defineTasks()({ shout: (_resource, text) => `${String(text)}!` });
