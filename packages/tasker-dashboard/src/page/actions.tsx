import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Action, Sizes } from './action.ts';
import { count, counted } from './format.ts';
import { leftToDo } from './left-to-do.ts';
import type { ManagerModel } from './model.ts';
import { Dialog } from './dialog.tsx';
import { useTools } from './tools.ts';

const LABELS: Record<keyof Sizes, string> = {
  workerCount: 'Workers that are always there',
  maxWorkerCount: 'Most workers',
  resourcePoolSize: 'Resources kept aside for runTask',
};

/** The buttons of a manager. */
export function ManagerActions({ manager }: { readonly manager: ManagerModel }): JSX.Element | null {
  const { api, confirm, isReadOnly } = useTools();
  const { name, view } = manager;
  const { stats, snapshot, limits } = view;
  if (isReadOnly || stats.state === 'stopped' || stats.state === 'killed') return null;
  const waiting = stats.queuedTasks + stats.priorityTasks;
  const isHeld = stats.state === 'paused' || stats.state === 'draining';
  const isEnding = stats.state === 'stopping';
  const pause: Action = {
    title: `Pause ${name}?`,
    text: 'No queued task starts until you resume it. What runs goes on, and new tasks still queue up.',
    verb: 'Pause',
    done: `${name} is paused`,
    run: () => api.act(name, 'pause'),
  };
  const resume: Action = {
    title: `Resume ${name}?`,
    text: `${counted(waiting, 'waiting task')} may start again.`,
    verb: 'Resume',
    done: `${name} goes on`,
    run: () => api.act(name, 'resume'),
  };
  const resize: Action = {
    title: `Resize ${name}`,
    text: 'Workers above the new size are retired as soon as they have nothing to do.',
    verb: 'Resize',
    done: `${name} has new sizes`,
    sizes: {
      workerCount: limits.workerCount,
      maxWorkerCount: limits.maxWorkerCount,
      resourcePoolSize: limits.resourcePoolSize,
    },
    run: (sizes) => api.act(name, 'resize', sizes),
  };
  const resources = snapshot.workers.length + snapshot.more.workers + snapshot.pool.length + snapshot.more.pool;
  const recycle: Action = {
    title: `Recycle ${name}?`,
    text: `Each of its ${counted(resources, 'resource')} is replaced by a new one, one after another. Tasks go on meanwhile.`,
    verb: 'Recycle',
    done: `${name} replaces its resources`,
    run: () => api.act(name, 'recycle'),
  };
  const stop: Action = {
    title: `Stop ${name}?`,
    text: `It accepts nothing more, ${leftToDo(stats)}, and destroys every resource. This cannot be undone here.`,
    verb: 'Stop',
    isDangerous: true,
    done: `${name} is stopping`,
    run: () => api.act(name, 'stop'),
  };
  const button = (label: string, action: Action, kind = ''): JSX.Element => (
    <button type="button" class={kind} disabled={isEnding} onClick={() => confirm(action)}>
      {label}
    </button>
  );
  return (
    <div class="actions" role="group" aria-label={`Actions on ${name}`}>
      {isHeld ? button('Resume', resume, 'primary') : button('Pause', pause)}
      {button('Resize…', resize)}
      {button('Recycle', recycle)}
      {button('Stop', stop, 'danger')}
    </div>
  );
}

/** Asks whether an action is meant, and does it. */
export function ConfirmDialog({
  action,
  onClose,
}: {
  readonly action: Action;
  readonly onClose: () => void;
}): JSX.Element {
  const { say } = useTools();
  const [sizes, setSizes] = useState(action.sizes);
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError('');
    try {
      await action.run(sizes);
      say(action.done);
      onClose();
    } catch (failure) {
      setError((failure as Error).message);
      setBusy(false);
    }
  };
  return (
    <Dialog title={action.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <p>{action.text}</p>
        {sizes !== undefined &&
          (Object.keys(LABELS) as (keyof Sizes)[]).map((name) => (
            <label key={name} class="field">
              <span>{LABELS[name]}</span>
              <input
                type="number"
                min={name === 'resourcePoolSize' ? 0 : 1}
                max={Math.max(10_000, action.sizes?.[name] ?? 0)}
                step={1}
                required
                name={name}
                value={sizes[name]}
                onInput={({ currentTarget }) => setSizes({ ...sizes, [name]: Number(currentTarget.value) })}
              />
            </label>
          ))}
        {error !== '' && (
          <p role="alert" class="alert">
            {error}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class={action.isDangerous === true ? 'danger solid' : 'primary'} disabled={isBusy}>
            {action.verb}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Cancels one task. */
export function CancelButton(props: {
  readonly manager: string;
  readonly id: string;
  readonly title: string;
}): JSX.Element | null {
  const { api, confirm, isReadOnly } = useTools();
  if (isReadOnly) return null;
  const { manager, id, title } = props;
  const action: Action = {
    title: `Cancel ${title}?`,
    text: `Task ${id} of ${manager} ends now, with an AbortError for whoever waits for it. A function that ignores its signal runs on in quarantine.`,
    verb: 'Cancel the task',
    isDangerous: true,
    done: `${title} is cancelled`,
    run: () => api.cancel(manager, id),
  };
  return (
    <button
      type="button"
      class="small danger"
      aria-label={`Cancel ${title}, task ${count(Number(id))}`}
      onClick={() => confirm(action)}
    >
      Cancel
    </button>
  );
}
