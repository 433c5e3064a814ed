import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ShownTask } from '../basics/messages.ts';
import type { Action } from './action.ts';
import { ConfirmDialog, ManagerActions } from './actions.tsx';
import type { Api } from './api.ts';
import { Charts } from './charts.tsx';
import { ConnectionNotice, ConnectionPill } from './connection-state.tsx';
import type { ManagerModel, Model } from './model.ts';
import { Notice } from './notice.tsx';
import { Pool } from './pool.tsx';
import { Queues } from './queues.tsx';
import { SearchResults } from './search.tsx';
import { TaskLife } from './task-life.tsx';
import { Tiles } from './tiles.tsx';
import { ToolsProvider } from './tools.ts';
import { Troubles } from './troubles.tsx';
import { Workers } from './workers.tsx';

interface AppProps {
  readonly model: Model;
  readonly api: Api;
  readonly onRetry: () => void;
}

/** The whole page. */
export function App({ model, api, onRetry }: AppProps): JSX.Element {
  const [wanted, setWanted] = useState(() => nameInAddress());
  const [text, setText] = useState('');
  const [action, confirm] = useState<Action>();
  const [opened, setOpened] = useState<{ readonly manager: string; readonly task: ShownTask }>();
  const [said, say] = useState('');
  useEffect(() => {
    const changed = (): void => setWanted(nameInAddress());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => say(''), 6_000);
    return () => clearTimeout(timer);
  }, [said]);
  const { connection, isReadOnly, names, at, historyLength } = model;
  const tools = useMemo(
    () => ({ api, isReadOnly, confirm, open: (manager: string, task: ShownTask) => setOpened({ manager, task }), say }),
    [api, isReadOnly],
  );
  const name = names.includes(wanted) ? wanted : (names[0] ?? '');
  const manager = model.manager(name);
  const ofOpened = opened === undefined ? undefined : model.manager(opened.manager);
  useEffect(() => {
    document.title = manager === undefined ? 'tasker' : `${name} – tasker`;
  }, [name, manager === undefined]);
  return (
    <ToolsProvider value={tools}>
      <header class="top">
        <span class="brand">
          <i class="logo" aria-hidden="true" />
          tasker
        </span>
        {names.length > 1 && (
          <nav aria-label="Managers">
            {names.map((each) => (
              <a key={each} href={`#${encodeURIComponent(each)}`} aria-current={each === name ? 'page' : undefined}>
                <i class={`dot ${model.manager(each)?.view.stats.state ?? ''}`} aria-hidden="true" />
                <bdi>{each}</bdi>
              </a>
            ))}
          </nav>
        )}
        <input
          type="search"
          aria-label="Find tasks by name or id"
          placeholder="Find a task by name or id"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <ConnectionPill connection={connection} />
      </header>
      <main class={connection.state === 'live' ? '' : 'stale'}>
        <ConnectionNotice connection={connection} at={at} onRetry={onRetry} />
        {manager === undefined ? (
          <p class="empty large">{at === 0 ? 'Connecting…' : 'This page was given no manager.'}</p>
        ) : (
          <ManagerPage manager={manager} text={text.trim()} at={at} length={historyLength} />
        )}
      </main>
      <div class={said === '' ? 'toast' : 'toast shown'} role="status">
        {said}
      </div>
      {opened !== undefined && ofOpened !== undefined && (
        <TaskLife manager={ofOpened} task={opened.task} at={at} onClose={() => setOpened(undefined)} />
      )}
      {action !== undefined && <ConfirmDialog action={action} onClose={() => confirm(undefined)} />}
    </ToolsProvider>
  );
}

interface ManagerPageProps {
  readonly manager: ManagerModel;
  readonly text: string;
  readonly at: number;
  readonly length: number;
}

function ManagerPage({ manager, text, at, length }: ManagerPageProps): JSX.Element {
  const { state } = manager.view.stats;
  return (
    <>
      <div class="title">
        <h1>
          <bdi>{manager.name}</bdi>
        </h1>
        <span class={`badge state ${state}`} role="status">
          {state}
        </span>
        <ManagerActions manager={manager} />
      </div>
      <Notice manager={manager} />
      {text !== '' && <SearchResults manager={manager} text={text} />}
      <Tiles manager={manager} />
      <Workers manager={manager} />
      <Charts manager={manager} at={at} length={length} />
      <div class="columns">
        <Queues manager={manager} />
        <Pool manager={manager} />
      </div>
      <div class="columns troubles">
        <Troubles manager={manager} at={at} />
      </div>
    </>
  );
}

/** The manager that the address of the page names. */
function nameInAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return '';
  }
}
