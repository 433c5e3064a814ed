import { defineTasks } from '../../src/index.ts';

interface Timed {
  readonly text: string;
  readonly ms: number;
}

/** The tasks of `programs/tasks.mjs`, for a client that never runs them. */
export const namedTasks = defineTasks()({
  slow: (_, { text }: Timed) => text,
  quick: (_, { text }: { text: string }) => text,
  hang: (_, { text }: { text: string }) => text,
  block: (_, { text }: Timed) => text,
});
