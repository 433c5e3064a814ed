import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTaskManager, retryAfter } from 'tasker';
import type { PlainTaskManagerConfig, RateLimit } from 'tasker';
import { describe, expect, it } from 'vitest';
import { RETRY_AFTER, RatedApi, fixedWindows, slidingLog, tokenBucket } from './rated-api.ts';
import type { Policy } from './rated-api.ts';

class HttpError extends Error {
  readonly status: number | undefined;
  readonly after: number | undefined;

  constructor({ statusCode, headers }: IncomingMessage) {
    super(`HTTP ${statusCode}`);
    this.status = statusCode;
    this.after = retryAfter(headers['retry-after']);
  }
}

async function call(agent: Agent, url: string, signal: AbortSignal): Promise<string> {
  const [response] = (await once(get(url, { agent, signal }), 'response')) as [IncomingMessage];
  const body = await text(response);
  if (response.statusCode !== 200) throw new HttpError(response);
  return body;
}

/** Sends so many tasks through a manager at once, and says how it went; no refusal may use up an attempt, for there is only one. */
async function send(api: RatedApi, count: number, config: Partial<PlainTaskManagerConfig> = {}) {
  await using manager = await createTaskManager({
    workerCount: 8,
    scaling: 'off',
    maxRetries: 0,
    checkHealth: (error) => {
      const { status, after } = error as HttpError;
      return status !== 429 || { overload: true as const, after };
    },
    ...config,
  });
  const agent = new Agent({ keepAlive: true });
  const since = performance.now();
  const answers = Array.from({ length: count }, (_, i) =>
    manager.queueTask((_nothing, { signal }) => call(agent, `${api.url}/${i}`, signal)),
  );
  const outcomes = await Promise.all(answers.map((answer) => answer.catch(String)));
  agent.destroy();
  return { outcomes, seconds: (performance.now() - since) / 1_000 };
}

const COUNT = 150;
const EXPECTED = Array.from({ length: COUNT }, (_, i) => `/${i}`);

/** APIs that allow 50 calls a second, each in its way, and what the guide has one say to them. */
const APIS: { name: string; policy: () => Policy; rate: RateLimit }[] = [
  {
    name: 'a token bucket',
    policy: () => tokenBucket(50, 25),
    rate: { limit: 50, interval: 1_000, burst: 22 },
  },
  {
    name: 'fixed windows',
    policy: () => fixedWindows(50, 1_000),
    rate: { limit: 45, interval: 1_000, burst: 4 },
  },
  {
    name: 'a log of the last second',
    policy: () => slidingLog(50, 1_000),
    rate: { limit: 45, interval: 1_000, burst: 4 },
  },
];

const answers = Object.keys(RETRY_AFTER) as (keyof typeof RETRY_AFTER)[];

function report(title: string, { served, refused }: RatedApi, seconds: number): void {
  console.info(`${title}: ${(served / seconds).toFixed(0)}/s, ${refused} refused, ${seconds.toFixed(1)} s`);
}

describe.each(APIS)('an API with $name', ({ name, policy, rate }) => {
  it.concurrent.each(answers)(
    'whose rate is known, and that answers 429 with %s, refuses few calls, and no task is lost',
    async (answer) => {
      await using api = await RatedApi.start(policy(), RETRY_AFTER[answer]);
      const { outcomes, seconds } = await send(api, COUNT, { rate });
      report(`${name}, rate set, ${answer}`, api, seconds);
      expect(outcomes).toEqual(EXPECTED);
      expect(api.served).toBe(COUNT);
      expect(api.refused).toBeLessThan(COUNT / 10);
    },
    60_000,
  );

  it.concurrent.each(answers)(
    'whose rate nobody knows, and that answers 429 with %s: no task is lost',
    async (answer) => {
      await using api = await RatedApi.start(policy(), RETRY_AFTER[answer]);
      const { outcomes, seconds } = await send(api, COUNT);
      report(`${name}, no rate, ${answer}`, api, seconds);
      expect(outcomes).toEqual(EXPECTED);
      expect(api.served).toBe(COUNT);
    },
    60_000,
  );
});
