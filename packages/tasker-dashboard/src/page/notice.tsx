import type { JSX } from 'preact';
import { count, counted, duration } from './format.ts';
import { leftToDo } from './left-to-do.ts';
import type { ManagerModel } from './model.ts';

/** Says what a state means that is not the usual one. */
export function Notice({ manager }: { readonly manager: ManagerModel }): JSX.Element | null {
  const text = noticeOf(manager);
  return text === undefined ? null : <p class={`notice ${manager.view.stats.state}`}>{text}</p>;
}

function noticeOf({ name, view, notes }: ManagerModel): string | undefined {
  const { stats, metrics } = view;
  const waiting = stats.queuedTasks + stats.priorityTasks;
  switch (stats.state) {
    case 'starting':
      return `${name} is starting: its first resources are being made. Tasks may be submitted, and wait for them.`;
    case 'paused':
      return `${name} is paused: ${counted(waiting, 'task')} ${waiting === 1 ? 'waits' : 'wait'}, and none starts until it is resumed. What runs goes on.`;
    case 'draining':
      return `${name} is draining: it finishes what it has accepted, and accepts nothing more until it is resumed.`;
    case 'stopping':
      return `${name} is stopping: it ${leftToDo(stats)}, and then destroys its resources.`;
    case 'stopped':
    case 'killed': {
      const end = notes.find((note) => note.kind === 'stopped');
      if (end === undefined) return `${name} is ${stats.state}: it takes no more tasks. What you see is what was.`;
      const { completed, failed, dropped, durationMs } = end.report;
      const meanwhile = Object.entries({ completed, failed, dropped }).filter(([, number]) => number > 0);
      const rest = meanwhile.map(([how, number], i) => `${i === 0 ? counted(number, 'task') : count(number)} ${how}`);
      const took = [
        `Its end took ${duration(durationMs)}`,
        ...(rest.length > 0 ? [`in which ${rest.join(', ')}`] : []),
      ];
      return `${name} is ${stats.state}: it takes no more tasks. ${took.join(', ')}. What you see is what was.`;
    }
    case 'running':
      break;
  }
  if (metrics.totalTasksArrived > 0) return undefined;
  return `Nothing has been submitted to ${name} yet. Its tasks appear here as soon as there are any.`;
}
