// @ts-check
// Stands in for a language model to try llm.mjs with, on this computer only: it looks for words, and every sixth request is one too
// many for it. Delete it when you ask a real one.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

const WORDS = {
  topic: {
    delivery: /parcel|ship to/,
    payment: /charged|refund|invoice/,
    software: /app|login/,
    praise: /thanks|great/,
  },
  mood: { happy: /thanks|great/, angry: /furious|blocked/ },
};

let requests = 0;

/** @type {import('node:http').RequestListener} */
async function answer(request, response) {
  const { model, messages } = /** @type {any} */ (await json(request));
  if (++requests % 6 === 0) {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end(JSON.stringify({ error: { message: 'too many requests', code: 'rate_limit_exceeded' } }));
    return;
  }
  const text = messages.at(-1).content.toLowerCase();
  const find = (/** @type {Record<string, RegExp>} */ words, /** @type {string} */ otherwise) =>
    Object.keys(words).find((word) => words[word]?.test(text)) ?? otherwise;
  const content = JSON.stringify({ topic: find(WORDS.topic, 'other'), mood: find(WORDS.mood, 'calm') });
  response.writeHead(200, { 'content-type': 'application/json' });
  const usage = { total_tokens: Math.ceil((JSON.stringify(messages).length + content.length) / 4) };
  response.end(JSON.stringify({ model, choices: [{ index: 0, message: { role: 'assistant', content } }], usage }));
}

/** Starts it and returns its address. It keeps no process alive, and ends with it. */
export async function startModel() {
  const server = createServer(answer).on('connection', (socket) => socket.unref());
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}/v1`;
}
