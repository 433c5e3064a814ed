// What one would write by hand: `node nothing-loop.mjs FILE OUT`; each line is parsed, given to the function, and printed.

import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import nothing from './nothing-worker.mjs';

const [file = '', out = ''] = process.argv.slice(2);
const output = createWriteStream(out);
let index = 0;
for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
  const input = JSON.parse(line);
  const result = await nothing(input);
  const text = `${JSON.stringify({ index: index++, input, ok: true, result })}\n`;
  if (!output.write(text)) await once(output, 'drain');
}
output.end();
await once(output, 'close');
