import { createTaskManager } from 'tasker';

export { createTaskManager };

export const config = { onCreate: () => ({}), onDestroy() {}, workerCount: 1 };
export const migrate = async (): Promise<void> => {};
export const queue = { release: async (_ids: readonly (string | undefined)[]): Promise<void> => {} };
