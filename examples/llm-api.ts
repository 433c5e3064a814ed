/** An LLM API with requests and tokens per minute: a batch in the background, people in front, answers as streams. */
import { setTimeout } from 'node:timers/promises';
import { createTaskManager, retryAfter } from 'tasker';
import { serve } from './llm-api.server.ts';

const MINUTE = 3_000; // a short one
const MAX_TOKENS = 80; // of an answer
const api = await serve({ minute: MINUTE, requests: 60, tokens: 6_000 });

class Refused extends Error {
  readonly after: number | undefined;
  constructor({ status, headers }: Response) {
    super(`HTTP ${status}`);
    this.after = status === 429 ? retryAfter(headers.get('retry-after')) : undefined;
  }
}

const model = await createTaskManager({
  workerCount: 10, // streams at a time
  scaling: 'off',
  rate: [
    { limit: 54, interval: MINUTE, burst: 6 }, // a tenth less than is allowed: the network delays one request and not the next
    { limit: 5_400, interval: MINUTE, burst: 600, unit: 'tokens' },
  ],
  checkHealth: (error) => (error instanceof Refused ? { overload: true, after: error.after } : true),
});

/** The words of an answer, as they come. */
async function* stream(prompt: string, signal: AbortSignal): AsyncGenerator<string> {
  const body = JSON.stringify({ prompt, maxTokens: MAX_TOKENS });
  const response = await fetch(api.url, { method: 'POST', body, signal });
  if (!response.ok || response.body === null) throw new Refused(response);
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) yield JSON.parse(event.slice('data: '.length)) as string;
  }
}

/** How long the first words took, in ms, by priority. */
const waits: [batch: number[], people: number[]] = [[], []];

function ask(prompt: string, priority: 0 | 1, signal?: AbortSignal, onWord?: () => void): Promise<string> {
  const asked = performance.now();
  const answer = async (_: undefined, context: { signal: AbortSignal }): Promise<string> => {
    let text = '';
    for await (const word of stream(prompt, context.signal)) {
      if (text === '') waits[priority].push(performance.now() - asked);
      text += word;
      onWord?.();
    }
    return text;
  };
  const tokens = Math.ceil(prompt.length / 4) + MAX_TOKENS; // as the API reckons
  return model.queueTask(answer, { priority, signal, cost: { tokens }, deadline: 30_000 });
}

const answers = Array.from({ length: 30 }, (_, i) => ask(`Summarise document ${i}. ${'Lorem ipsum. '.repeat(4)}`, 0));
for (let i = 0; i < 5; i++) {
  await setTimeout(200);
  answers.push(ask(`Why is the sky blue? Somebody asks, who is number ${i}.`, 1));
}
const leaving = new AbortController(); // of one who leaves at the first word: the stream ends, here and there
const story = ask('Tell me a long story.', 1, leaving.signal, () => leaving.abort(new Error('the reader has left')));
await story.catch((error: Error) => console.log(error.message));

const { length } = await Promise.all(answers);
await model.stop();
api.close();
const { refused, stopped } = api.counts;
const [batch, people] = waits.map((all) => `${Math.round(all.reduce((sum, ms) => sum + ms, 0) / all.length)} ms`);
const speed = `the first word after ${people} for people, ${batch} for the batch`;
console.log(`${length} answers, ${stopped} stream stopped, ${refused} requests refused; ${speed}`);
