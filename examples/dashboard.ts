/** A live page of two managers at work: `npx tsx examples/dashboard.ts [seconds]`. */
import { setTimeout } from 'node:timers/promises';
import { createTaskManager } from 'tasker';
import { createDashboard, serve } from 'tasker-dashboard';

const seconds = Number(process.argv[2] ?? 120);
const images = await createTaskManager({ workerCount: 2, maxWorkerCount: 12, targetWait: 500 });
const mail = await createTaskManager({ workerCount: 3, scaling: 'off', rate: { limit: 5, interval: 1_000 } });

const dashboard = createDashboard({ managers: { images, mail } });
const server = await serve(dashboard, { port: 0 });
console.log(`Look at ${server.url} for ${seconds} s`);

const resize = async (photo: number): Promise<void> => {
  await setTimeout(200 + 400 * Math.random());
  if (photo % 20 === 0) throw new Error(`photo ${photo} is broken`);
};
const end = Date.now() + seconds * 1_000;
for (let i = 1; Date.now() < end; i++) {
  images.queueTask(() => resize(i), { name: `photo ${i}`, key: `customer ${i % 5}` }).catch(() => {}); // the page shows it
  void mail.queueTask(() => setTimeout(50), { name: `mail ${i}` });
  await setTimeout(i % 400 < 200 ? 50 : 250); // waves
}
await Promise.all([images.kill(), mail.kill()]);
dashboard.close();
await server.close();
console.log('over');
