import type { TaskManager, TaskerEvents } from 'tasker';

/** Writes down the events of a manager, as `event` or `event task`. */
export function recordEvents(
  manager: Pick<TaskManager<never>, 'on'>,
  events: readonly (keyof TaskerEvents)[],
): string[] {
  const log: string[] = [];
  for (const event of events) {
    manager.on(event, (payload) => {
      const name = 'task' in payload ? payload.task.name : undefined;
      log.push(name === undefined ? event : `${event} ${name}`);
    });
  }
  return log;
}
