/** How the process ended too early: something called `process.exit` or was thrown and not caught, or nothing is left to wait for. */
export type EarlyExit = 'ended' | 'nothing left';

/**
 * Does what may end the whole process, since it calls a module. If that happens first, `tell` is called, which must not wait, and what it
 * returns becomes the exit code.
 */
export async function unlessExit<T>(work: () => Promise<T>, tell: (how: EarlyExit) => number): Promise<T> {
  let how: EarlyExit = 'ended';
  const onBeforeExit = (): void => {
    how = 'nothing left';
  };
  const onExit = (): void => {
    process.exitCode = tell(how);
  };
  process.once('beforeExit', onBeforeExit);
  process.once('exit', onExit);
  try {
    return await work();
  } finally {
    process.off('beforeExit', onBeforeExit);
    process.off('exit', onExit);
  }
}
