import { TaskerError } from 'tasker';

/** Imports a driver that only those install who use its store. */
export async function importDriver<T>(name: string, scheme: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const message = `url starts with ${scheme}:, which needs the package ${name}: npm install ${name}`;
    throw new TaskerError('INVALID_CONFIG', message, { cause: error });
  }
}
