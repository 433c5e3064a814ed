import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ManagerView, ShownWorker } from '../basics/messages.ts';
import { CancelButton } from './actions.tsx';
import { count, counted, duration } from './format.ts';
import type { ManagerModel } from './model.ts';
import { TaskLink, titleOf } from './task-link.tsx';

/** Above so many, a cell is a square, and says the rest when it is chosen. */
const MOST_LARGE = 36;
/** Tasks that are shown of a worker. */
const MOST_TASKS = 6;

const STATES = ['busy', 'idle', 'starting', 'retiring', 'quarantined'] as const;
type CellState = (typeof STATES)[number];

const MEANINGS: Record<CellState, string> = {
  busy: 'runs a task',
  idle: 'has nothing to do',
  starting: 'its resource is being made',
  retiring: 'takes no new task, and goes',
  quarantined: 'its task has ended, but the function still runs',
};

function stateOf(worker: ShownWorker): CellState {
  if (worker.tasks.some(({ isQuarantined }) => isQuarantined)) return 'quarantined';
  if (worker.state === 'starting') return 'starting';
  if (worker.state === 'live') return worker.tasks.length > 0 ? 'busy' : 'idle';
  return 'retiring';
}

/** How many workers are in each state; where not all of them were sent, as the manager counts them. */
function countsOf({ stats, snapshot: { workers, more } }: ManagerView): (readonly [CellState, number])[] {
  if (more.workers === 0) {
    return STATES.map((state) => [state, workers.filter((worker) => stateOf(worker) === state).length]);
  }
  const { activeWorkers, idleWorkers, startingWorkers, quarantinedWorkers } = stats;
  return [
    ['busy', Math.max(0, activeWorkers - idleWorkers - quarantinedWorkers)],
    ['idle', idleWorkers],
    ['starting', startingWorkers],
    ['quarantined', quarantinedWorkers],
  ];
}

export function Workers({ manager }: { readonly manager: ManagerModel }): JSX.Element {
  const { snapshot, limits } = manager.view;
  const { workers, more } = snapshot;
  const [chosen, choose] = useState<number>();
  const isSmall = workers.length > MOST_LARGE;
  const counts = countsOf(manager.view);
  const worker = workers.find(({ id }) => id === chosen);
  return (
    <section class="card" aria-labelledby="workers">
      <div class="head">
        <h2 id="workers">Workers</h2>
        <span class="muted">
          {count(workers.length + more.workers)} of at most {count(limits.maxWorkerCount)}
        </span>
        <ul class="legend" aria-label="States">
          {counts
            .filter(([state, number]) => number > 0 || state === 'busy' || state === 'idle')
            .map(([state, number]) => (
              <li key={state} title={MEANINGS[state]}>
                <i class={`swatch ${state}`} aria-hidden="true" />
                {count(number)} {state}
              </li>
            ))}
        </ul>
      </div>
      {workers.length === 0 && <p class="empty">There are no workers now.</p>}
      <ul class={isSmall ? 'cells small' : 'cells'} onKeyDown={isSmall ? moveFocus : undefined}>
        {workers.map((each, i) => (
          <li key={each.id}>
            {isSmall ? (
              <Square
                worker={each}
                isChosen={each.id === chosen}
                isStop={worker === undefined ? i === 0 : each === worker}
                onChoose={() => choose(each.id === chosen ? undefined : each.id)}
              />
            ) : (
              <Cell manager={manager.name} worker={each} places={limits.tasksPerWorker} />
            )}
          </li>
        ))}
      </ul>
      {more.workers > 0 && <p class="muted">… and {count(more.workers)} more</p>}
      {isSmall && worker !== undefined && (
        <div class="chosen">
          <Cell manager={manager.name} worker={worker} places={limits.tasksPerWorker} />
          {worker.tasks.map(({ task }) => (
            <CancelButton key={task.id} manager={manager.name} id={task.id} title={titleOf(task)} />
          ))}
        </div>
      )}
    </section>
  );
}

interface CellProps {
  readonly manager: string;
  readonly worker: ShownWorker;
  readonly places: number;
}

/** A worker: what it is, what it does, and how old it is. */
function Cell({ manager, worker, places }: CellProps): JSX.Element {
  const { id, kind, tasks, age, uses, idleFor } = worker;
  const state = stateOf(worker);
  const [first] = tasks;
  const since = state === 'idle' ? idleFor : first?.runningFor;
  return (
    <div class={`cell ${state}`}>
      <div class="line">
        <span class="who">
          <strong>{id}</strong>
          {kind === 'burst' && <span class="muted"> burst</span>}
        </span>
        <span class="state">
          {state}{' '}
          {places > 1 && tasks.length > 0 ? `${tasks.length}/${places}` : since !== undefined && duration(since)}
        </span>
      </div>
      {first === undefined && <div class="doing muted">{MEANINGS[state]}</div>}
      {tasks.slice(0, MOST_TASKS).map((run) => (
        <div key={run.task.id} class="doing">
          {run.isLease ? <span>lease {titleOf(run.task)}</span> : <TaskLink manager={manager} task={run.task} />}
          {places > 1 && (
            <span class="muted time">
              {run.isQuarantined && 'quarantined '}
              {duration(run.runningFor)}
            </span>
          )}
        </div>
      ))}
      {tasks.length > MOST_TASKS && <div class="muted">and {tasks.length - MOST_TASKS} more</div>}
      <div class="line muted">
        <span>{state !== 'starting' && `${duration(age)} old`}</span>
        <span>{state !== 'starting' && counted(uses, 'use')}</span>
      </div>
    </div>
  );
}

interface SquareProps {
  readonly worker: ShownWorker;
  readonly isChosen: boolean;
  /** Whether the tab key stops here; the arrow keys go on. */
  readonly isStop: boolean;
  readonly onChoose: () => void;
}

function Square({ worker, isChosen, isStop, onChoose }: SquareProps): JSX.Element {
  const state = stateOf(worker);
  const [first] = worker.tasks;
  const what = first === undefined ? '' : `: ${titleOf(first.task)}, ${duration(first.runningFor)}`;
  const label = `worker ${worker.id}, ${state}${what}; ${duration(worker.age)} old, ${counted(worker.uses, 'use')}`;
  return (
    <button
      type="button"
      class={`square ${state}`}
      tabIndex={isStop ? 0 : -1}
      aria-pressed={isChosen}
      aria-label={label}
      title={label}
      onClick={onChoose}
    />
  );
}

/** The arrow keys go from square to square. */
function moveFocus(event: JSX.TargetedKeyboardEvent<HTMLUListElement>): void {
  const squares = [...event.currentTarget.querySelectorAll('button')];
  const at = squares.indexOf(document.activeElement as HTMLButtonElement);
  const to = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: squares.length - 1,
  };
  const next = Object.hasOwn(to, event.key) ? squares[to[event.key as keyof typeof to]] : undefined;
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
