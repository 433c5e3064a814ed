// Managers at work, so that there is something to see.
import { createTaskManager } from 'tasker';

/** Numbers that look random, and are the same each time. */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const random = randomFrom(7);
const pick = (list) => list[Math.floor(random() * list.length)];
const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });

class ResizeError extends Error {
  name = 'ResizeError';
  code = 'E_CORRUPT';

  constructor(message) {
    super(message);
    // Of whoever takes the picture nothing is to be seen in it.
    this.stack = this.stack?.replaceAll(new URL('.', import.meta.url).href, 'file:///srv/images/');
  }
}

const quiet = () => {};

/** Starts two managers and a load on them, in waves of so many seconds; `end` stops both. */
export async function startDemo(period = 40) {
  const images = await createTaskManager({
    name: 'images',
    onCreate: () => pause(400 + 800 * random()).then(() => ({})),
    onDestroy: () => {},
    checkHealth: (error) => ({ resource: 'keep', task: error.message.includes('busy') ? 'retry' : 'fail', after: 300 }),
    workerCount: 4,
    maxWorkerCount: 10,
    resourcePoolSize: 2,
    maxUses: 200,
    stuckAfter: 4_000,
    idleTimeout: 2_500,
    keyConcurrency: 6,
  });
  const mail = await createTaskManager({
    name: 'mail',
    workerCount: 3,
    scaling: 'off',
    resourcePoolSize: 0,
    rate: { limit: 5, interval: 1_000 },
  });
  const over = new AbortController();

  const image = (i) => {
    const name = `${pick(['crop', 'resize', 'rotate', 'blur'])} ${pick(['harbour', 'meadow', 'night', 'sea'])}-${100 + i}.jpg`;
    const options = {
      name,
      key: pick(['acme', 'globex', 'initech', 'umbrella']),
      priority: random() < 0.12 ? 5 : random() < 0.2 ? -1 : 0,
      meta: { width: pick([320, 640, 1280]), source: `s3://photos/${i}` },
    };
    const run = async (_, { attempt, signal }) => {
      await pause(80 + 500 * random() ** 2, signal);
      if (random() < 0.02) throw new ResizeError(`cannot decode ${name}: premature end of JPEG data`);
      if (attempt === 1 && random() < 0.06) throw new Error('the image server is busy');
    };
    return images.queueTask(run, options).catch(quiet);
  };

  const began = performance.now();
  const waves = async () => {
    for (let i = 0; !over.signal.aborted;) {
      const isBusy = ((performance.now() - began) / 1_000 / period + 0.3) % 1 < 0.4;
      const batch = isBusy ? 3 + Math.floor(random() * 3) : 1;
      for (let k = 0; k < batch; k++) void image(i++);
      await pause(isBusy ? 110 : 140);
    }
  };
  const letters = async () => {
    for (let i = 0; !over.signal.aborted; i++) {
      void mail.queueTask(() => pause(40), { name: `welcome mail ${i}`, key: pick(['de', 'fr', 'en']) }).catch(quiet);
      await pause(150 + 200 * random());
    }
  };
  void waves();
  void letters();
  void images
    .queueTask((_, { signal }) => pause(3_600_000, signal), { name: 'stitch panorama.tif', key: 'acme' })
    .catch(quiet);
  const lease = await images.lease({ name: 'editor preview' });
  void images.runTask((_, { signal }) => pause(3_600_000, signal), { name: 'live preview' }).catch(quiet);

  return {
    managers: { images, mail },
    async end() {
      over.abort();
      await lease.release();
      await Promise.all([images.kill(), mail.kill()]);
    },
  };
}
