// The same as a command, for those who start one for each item, or for some: its arguments are the items.

import { makeResource } from './resource.mjs';

const resource = await makeResource();
for (const item of process.argv.slice(2)) {
  console.log(JSON.stringify({ input: item, result: await resource.double(item) }));
}
