/**
 * Bull Board on a queue of `tasker-distributed`, with a worker and a submitter that give it something to show:
 * `npx tsx examples/bull-board.ts [--url redis://…] [--seconds N]`, without a URL on a database in memory.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serve } from '@hono/node-server';
import type { ServerType } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { connect, createWorker, defineTasks } from 'tasker-distributed';
import { openQueue } from 'tasker-distributed/bullmq';
import type { Outcome, Payload } from 'tasker-distributed/bullmq';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'pglite://memory' },
    seconds: { type: 'string', default: '120' },
  },
});
const { url } = values;
const name = 'photos';

class BrokenPhotoError extends Error {
  override name = 'BrokenPhotoError';
}

const tasks = defineTasks()({
  resize: async (_, { photo, width }: { photo: string; width: number }, { progress }) => {
    for (let percent = 0; percent < 100; percent += 20) {
      progress(percent);
      await setTimeout(50 + 250 * Math.random());
    }
    if (photo.startsWith('night')) throw new BrokenPhotoError(`${photo} ends in the middle of its pixels`);
    return { file: `${photo}-${width}.jpg`, width, height: (width * 3) / 4 };
  },
});

// The board: a queue of BullMQ, as it is. It shows what a task was given and has returned rather than how that is stored. It may not change
// anything: it knows nothing of tasks that may run only once.
const board = await openQueue(url, { name });
const adapter = new BullMQAdapter(board.queue, { readOnlyMode: true, description: 'Thumbnails of photos' });
adapter.setFormatter('data', ({ input }: Payload) => input);
adapter.setFormatter('returnValue', (outcome?: Outcome) => (outcome?.ok === true ? outcome.value : outcome));
adapter.setFormatter('progress', (progress: { value?: unknown } | number) =>
  typeof progress === 'object' ? progress.value : progress,
);
const hono = new HonoAdapter(serveStatic);
createBullBoard({ queues: [adapter], serverAdapter: hono, options: { uiConfig: { boardTitle: 'tasker' } } });
const app = new Hono().route('/', hono.registerPlugin());
const { server, port } = await new Promise<{ server: ServerType; port: number }>((resolve) => {
  const server: ServerType = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, (info) =>
    resolve({ server, port: info.port }),
  );
});

// Something to look at.
const worker = await createWorker(tasks, { url, name, workerCount: 3, maxWorkerCount: 3 });
const client = await connect(tasks, url, { name });
console.log(`Look at http://127.0.0.1:${port} for ${values.seconds} s`);

const kinds = ['harbour', 'meadow', 'night', 'sea', 'street'];
const end = Date.now() + Number(values.seconds) * 1_000;
for (let i = 0; Date.now() < end; i++) {
  await client.submit('resize', { photo: `${kinds[i % kinds.length]}-${100 + i}`, width: i % 2 === 0 ? 320 : 640 });
  await setTimeout(250);
}

await worker.stop({ timeout: 5_000 });
await client.close();
server.close();
await board.close();
console.log('over');
