// Runs in the threads of ./piscina.ts: loads the file that a task names, and calls what it exports.
import { syncBuiltinESMExports } from 'node:module';
import worker from 'node:worker_threads';

/**
 * The option `workerData`, for `import { workerData } from 'node:worker_threads'`.
 *
 * @param {unknown} data
 */
export function onCreate(data) {
  Object.assign(worker, { workerData: data });
  syncBuiltinESMExports();
}

/**
 * @param {string} filename the address of a module, which may be CommonJS
 * @param {string} name what of it to call: `default`, or an export
 * @param {unknown} task
 * @returns {Promise<any>}
 */
export async function run(filename, name, task) {
  const module = await import(filename);
  const exported = await module.default;
  const found = name === 'default' ? (exported?.default ?? exported) : (module[name] ?? exported?.[name]);
  const handler = await found;
  if (typeof handler !== 'function') throw new TypeError(`${filename} exports no function ${name}`);
  return handler(task);
}
