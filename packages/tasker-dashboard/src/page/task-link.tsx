import type { JSX } from 'preact';
import type { ShownTask } from '../basics/messages.ts';
import { useTools } from './tools.ts';

export const titleOf = ({ name, id }: Pick<ShownTask, 'name' | 'id'>): string =>
  name === undefined || name === '' ? `task ${id}` : name;

/** The name of a task, which opens its life. */
export function TaskLink({ manager, task }: { readonly manager: string; readonly task: ShownTask }): JSX.Element {
  const { open } = useTools();
  const hasName = task.name !== undefined && task.name !== '';
  return (
    <button type="button" class="link task" onClick={() => open(manager, task)}>
      <bdi>{titleOf(task)}</bdi>
      {hasName && <span class="muted"> #{task.id}</span>}
    </button>
  );
}
