/**
 * Thumbnails of photos in threads. The bytes of a photo, and those of its thumbnail, are moved between the threads, not
 * copied. `thumbnails.ts [FOLDER]`; the folder gets photos first, which a thread "takes".
 */
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTaskManager } from 'tasker';
import { threads } from 'tasker/threads';
import type * as darkroom from './thumbnails.thread.mjs';

const SIZE = 320;
const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'thumbnails-')));
await mkdir(join(folder, 'thumbnails'), { recursive: true });

const manager = await createTaskManager({
  ...threads<typeof darkroom>(new URL('thumbnails.thread.mjs', import.meta.url), { execArgv: [] }),
  workerCount: 1,
  maxWorkerCount: Math.max(2, availableParallelism()),
  resourcePoolSize: 0,
  maxRetries: 1, // a thread that died is replaced, and its photo is read again
});

// What a task returns has come from its thread without a copy.
const places = [1, 2, 3, 4];
await Promise.all(
  places.map(async (place) => {
    const [width, height] = place % 3 === 0 ? [1500, 2000] : [2000, 1500];
    const { bytes } = await manager.queueTask((thread) => thread.run('takePhoto', width, height, place));
    // 'wx': what is there already is somebody's own.
    await writeFile(join(folder, `photo-${place}.jpg`), bytes, { flag: 'wx' });
  }),
);

/** A task that makes the thumbnail of a photo. */
const shrink = (name: string) =>
  manager.queueTask(async (thread, { signal }) => {
    const startedAt = performance.now();
    const photo = await readFile(join(folder, name)); // in the task, so that a second run has bytes to move
    const before = photo.length; // afterwards it is empty
    const { width, height, bytes } = await thread.call('thumbnail', [photo, SIZE], {
      transfer: [photo.buffer],
      signal,
    });
    await writeFile(join(folder, 'thumbnails', name), bytes);
    return {
      photo: name,
      size: `${width} × ${height}`,
      'kB before': Math.round(before / 1000),
      'kB after': Math.round(bytes.length / 1000),
      thread: thread.id,
      ms: Math.round(performance.now() - startedAt),
    };
  });

const photos = (await readdir(folder)).filter((name) => name.endsWith('.jpg'));
const startedAt = performance.now();
console.table(await Promise.all(photos.map(shrink)));
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(`${photos.length} thumbnails in ${seconds} s, in ${join(folder, 'thumbnails')}`);
await manager.stop();
