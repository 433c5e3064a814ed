import { defineWorker } from 'tasker-cli';
import { defineTasks } from 'tasker-distributed';

interface Session {
  ask(question: string): string;
}

/** The resource of the tasks is that of the worker: the compiler sees to it. */
export default defineWorker({
  onCreate: (): Session => ({ ask: (question) => `answer to ${question}` }),
  onDestroy: () => {},
  lock: 5_000,
  tasks: defineTasks<Session>()({
    ask: (session, { question }: { question: string }) => session.ask(question),
  }),
});
