import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { clockTime } from './format.ts';
import type { Connection } from './stream.ts';

interface ConnectionStateProps {
  readonly connection: Connection;
  /** Date of what is shown; 0 if nothing is. */
  readonly at: number;
  readonly onRetry: () => void;
}

/** Tells when what is shown is no longer so. */
export function ConnectionNotice({ connection, at, onRetry }: ConnectionStateProps): JSX.Element | null {
  const seconds = useSecondsUntil(connection.state === 'lost' ? connection.retryAt : 0);
  if (connection.state === 'live' || connection.state === 'connecting') return null;
  const shown = at === 0 ? '' : ` What you see is of ${clockTime(at)}.`;
  return (
    <div class="notice lost" role="alert">
      {connection.state === 'refused' ? (
        <p>
          The server no longer lets you in: {connection.message}.{shown}
        </p>
      ) : (
        <p>
          The connection is lost: the program has ended, restarts, or cannot be reached.{shown}{' '}
          <span aria-hidden="true">{seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…'}</span>
        </p>
      )}
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </div>
  );
}

/** Live or not, in the header. */
export function ConnectionPill({ connection }: { readonly connection: Connection }): JSX.Element {
  const { state } = connection;
  const word = { live: 'Live', connecting: 'Connecting', lost: 'Offline', refused: 'Refused' }[state];
  return <span class={`pill ${state}`}>{word}</span>;
}

function useSecondsUntil(date: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (date === 0) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [date]);
  return Math.max(0, Math.ceil((date - now) / 1_000));
}
