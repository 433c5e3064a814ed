// @ts-check
// Asks a language model about each record, by any API that speaks as OpenAI's does:
//   npx tasker run llm.mjs --jsonl tickets.jsonl --out answers.jsonl
import { defineWorker, retryAfter } from 'tasker-cli';
import { startModel } from './llm-demo.mjs';

// Such as https://api.openai.com/v1. If you name none, a stand-in in this process answers, which knows a few words only.
// Once you do, delete this line, its import and llm-demo.mjs.
process.env.OPENAI_BASE_URL ??= await startModel();

const { OPENAI_BASE_URL, OPENAI_API_KEY = '', MODEL = 'stand-in' } = process.env;
const REQUESTS = 500; // a minute, as your plan allows
const TOKENS = 200_000; // a minute
const TOKENS_EACH = 300; // of a request and its answer
const PROMPT = 'You sort the tickets of a web shop. Answer in JSON.';
const ANSWER = {
  topic: { type: 'string', enum: ['delivery', 'payment', 'software', 'praise', 'other'] },
  mood: { type: 'string', enum: ['happy', 'calm', 'angry'] },
};
const SCHEMA = { type: 'object', properties: ANSWER, required: Object.keys(ANSWER), additionalProperties: false };
const FORMAT = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: SCHEMA } };

/** What the API says instead of an answer. */
class ApiError extends Error {
  /** @param {Response} response @param {any} body */
  constructor({ status, headers }, body) {
    super(`${status} ${body?.error?.message ?? ''}`);
    this.status = status;
    this.code = body?.error?.code;
    this.after = retryAfter(headers.get('retry-after'));
  }
}

export default defineWorker({
  maxWorkerCount: 16, // requests at a time
  rate: { limit: Math.min(REQUESTS, TOKENS / TOKENS_EACH), interval: 60_000, burst: 5 },

  // Says after an error whether to ask again, 3 times at most. There is no resource, so none is replaced.
  maxRetries: 3,
  checkHealth: (error) => {
    if (!(error instanceof ApiError)) return { resource: 'keep', task: 'retry' }; // the network, or an answer that is no JSON
    const { status, code, after } = error;
    if (code === 'insufficient_quota') return true; // it fails: a 429 as well, but waiting brings no money
    // Too many requests: all wait for as long as the API says, and it does not count as a try.
    if (status === 429 || status === 503) return { overload: true, after };
    return { resource: 'keep', task: status >= 500 ? 'retry' : 'fail' };
  },

  run: async (/** @type {{ id: number, text: string }} */ { id, text }, _resource, { signal }) => {
    const system = { role: 'system', content: PROMPT };
    const user = { role: 'user', content: text };
    const response = await fetch(`${OPENAI_BASE_URL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${OPENAI_API_KEY}` },
      body: JSON.stringify({ model: MODEL, messages: [system, user], response_format: FORMAT }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]), // `signal` aborts when the run is killed
    });
    /** @type {any} */
    const body = await response.json().catch(() => undefined);
    if (!response.ok) throw new ApiError(response, body);
    return { id, ...JSON.parse(body.choices[0].message.content), tokens: body.usage.total_tokens };
  },
});
