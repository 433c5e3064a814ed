/** Shows how deep the queue is, whether or not there are workers. */
import { once } from 'node:events';
import { Gauge, Registry } from 'prom-client';
import { connect } from 'tasker-distributed';
import { settings, stopSignal } from './settings.ts';
import { serveStatus } from './status-server.ts';
import { tasks } from './tasks.ts';

const client = await connect(tasks, settings.storeUrl, { storeTimeout: 5_000 });
const registry = new Registry();
registry.registerMetric(
  new Gauge({
    name: 'tasker_store_tasks',
    help: 'Tasks in the store, by what they wait for.',
    labelNames: ['state'],
    registers: [],
    async collect() {
      const stats = await client.stats();
      for (const state of ['queued', 'running', 'delayed'] as const) this.set({ state }, stats[state]);
    },
  }),
);
const server = await serveStatus(registry, () => true);
console.log('ready');

if (!stopSignal.aborted) await once(stopSignal, 'abort');
server.close();
await client.close();
