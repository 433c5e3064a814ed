/** What is used of a manager here. */
interface Ending {
  stats(): { readonly state: string };
  stop(): Promise<unknown>;
  on(event: 'stopped', listener: () => void): () => void;
}

/**
 * Calls the listener when the manager has stopped, a moment later if it has already: no event tells of that any more. Returns the function
 * that forgets it.
 */
export function onEnd(manager: Ending, listener: () => void): () => void {
  const { state } = manager.stats();
  if (state !== 'stopped' && state !== 'killed') return manager.on('stopped', listener);
  let isWanted = true;
  void manager.stop().then(() => isWanted && listener()); // the end that there is, and one that was killed may still be ending
  return () => void (isWanted = false);
}
