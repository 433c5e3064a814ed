// @ts-check
// A thumbnail for each photo:
//   npx tasker run thumbs.mjs "photos/*.jpg" --out thumbs.jsonl
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { defineWorker } from 'tasker-cli';

const WIDTH = 240;

// sharp computes in threads of its own. It is the photos that share the cores here, so each gets one thread.
sharp.concurrency(1);

// Nothing has to be kept from one photo to the next. So there is no resource: no onCreate, no onDestroy, and `run` is given
// `undefined` for it. sql.mjs and browser.mjs (tasker init sql, tasker init browser) have one.
export default defineWorker({
  // Photos at a time; otherwise as many as there are cores. sharp works in Node's thread pool, which has 4 threads, so that more
  // would only wait. The flag --max-workers wins over this.
  maxWorkerCount: 4,

  // An item of a glob is the path of a file.
  run: async (/** @type {string} */ photo, _resource, { log }) => {
    const folder = join(dirname(photo), 'thumbs');
    await mkdir(folder, { recursive: true });
    const file = join(folder, `${basename(photo)}.webp`);
    const { width, height, size } = await sharp(photo)
      .autoOrient() // phones only note which side is up
      .resize({ width: WIDTH, withoutEnlargement: true })
      .webp({ quality: 80 })
      .toFile(file);
    // Goes to the terminal, not among the results.
    if (width < WIDTH) log(`${photo} is only ${width} pixels wide`);
    // What is returned is the `result` of the photo's line in thumbs.jsonl. What is thrown is its `error`, and the others go on.
    return { file, width, height, bytes: size };
  },
});
