/** Submits a report of so many pages, and waits for it: `node dist/submit.js 12`. */
import { connect } from 'tasker-distributed';
import { settings } from './settings.ts';
import { tasks } from './tasks.ts';

const client = await connect(tasks, settings.storeUrl);
console.log(await client.queueTask('report', { pages: Number(process.argv[2] ?? 10) }));
await client.close();
