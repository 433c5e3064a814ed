// So many watchers of a dashboard: `watch.mjs URL COUNT`. Ends with its parent.

import { get } from 'node:http';

const [url = '', count = '1'] = process.argv.slice(2);
let connected = 0;
for (let i = 0; i < Number(count); i++) {
  get(`${url}api/stream`, (response) => {
    response.resume().once('data', () => ++connected === Number(count) && process.send?.('connected'));
  });
}
process.on('disconnect', () => process.exit());
