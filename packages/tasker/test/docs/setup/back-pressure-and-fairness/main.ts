import { createTaskManager } from 'tasker';

class Session {
  readonly rows: number[] = [];
}

export const manager = await createTaskManager({
  onCreate: () => new Session(),
  onDestroy() {},
  workerCount: 2,
});

export const rows = [1, 2, 3];
export const insert = async (session: Session, row: number): Promise<void> => void session.rows.push(row);
export const report = (error: unknown): void => console.error(error);

export const limit = 2;
export const urls = ['a', 'bb', 'ccc', 'dddd'];
export async function measure(_session: Session, url: string, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  return url.length;
}

export const task = (session: Session): Promise<number> => Promise.resolve(session.rows.length);
