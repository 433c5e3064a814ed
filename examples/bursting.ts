/** A burst of work: one worker at rest, more while many tasks wait, and one again afterwards. */
import { randomBytes, scrypt } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createTaskManager } from 'tasker';

/** Derives keys from passwords, which is made to be slow; the work is done outside of the main thread. */
class KeyDeriver {
  readonly #salt = randomBytes(16);

  derive(password: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      scrypt(password, this.#salt, 32, (error, key) => (error === null ? resolve(key) : reject(error)));
    });
  }
}

const manager = await createTaskManager<KeyDeriver>({
  onCreate: () => new KeyDeriver(),
  onDestroy: () => {},
  workerCount: 1, // the base
  maxWorkerCount: 4, // the limit
  burstInterval: 20, // how often the number of workers is looked at; also how long a task may wait
  idleTimeout: 200, // how long a worker beyond the base may idle
  resourcePoolSize: 0,
});

let peak = 1;
manager.on('scaled', ({ from, to, reason }) => {
  console.log(`workers: ${from} -> ${to} (${reason})`);
  peak = Math.max(peak, to);
});

console.log(`at rest: ${manager.stats().activeWorkers} worker`);

const passwords = Array.from({ length: 40 }, (_, index) => `password ${index}`);
const keys = await Promise.all(passwords.map((password) => manager.queueTask((deriver) => deriver.derive(password))));
console.log(`derived ${keys.length} keys of ${keys[0]?.length} bytes`);

while (manager.stats().activeWorkers > 1) await setTimeout(20);
console.log(`grew to ${peak} workers, back to ${manager.stats().activeWorkers}`);

await manager.stop();
const { totalResourcesCreated, totalResourcesDestroyed } = manager.metrics();
console.log(`made ${totalResourcesCreated}, destroyed ${totalResourcesDestroyed}`);
