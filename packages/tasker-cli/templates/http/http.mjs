// @ts-check
// Fetches each page of a list:
//   npx tasker run http.mjs --lines urls.txt --out pages.jsonl
import { defineWorker, retryAfter } from 'tasker-cli';
import { startSite } from './http-demo.mjs';

// A line of urls.txt that is no full URL is a path of this site. If you name none, it is a small one that this process serves.
// With full URLs in urls.txt, delete this line, its import and http-demo.mjs.
process.env.BASE_URL ??= await startSite();

/** Longest time for a page. */
const TIMEOUT = 10_000;

/** The server could not answer: it has too much to do, or is broken. */
class Unavailable extends Error {
  /** @param {Response} response */
  constructor({ status, statusText, headers }) {
    super(`${status} ${statusText}`);
    this.isBusy = status === 429 || status === 503;
    this.after = retryAfter(headers.get('retry-after'));
  }
}

export default defineWorker({
  maxWorkerCount: 8, // pages at a time; fetch keeps their connections open and uses them again
  rate: { limit: 20, interval: 1_000, burst: 5 }, // starts: 20 a second, of which 5 at once

  // Says after an error whether to run the item again; `maxRetries` times at most, a little later each time.
  maxRetries: 3,
  checkHealth: (error) => {
    // Who is busy says for how long. That pauses all pages, and does not count as a try of this one.
    if (error instanceof Unavailable && error.isBusy) return { overload: true, after: error.after };
    // The rest is worth another try: a 5xx, the network, our own TIMEOUT. There is no resource, so none is replaced.
    return { resource: 'keep', task: 'retry' };
  },

  run: async (/** @type {string} */ line, _resource, { signal, log }) => {
    const url = new URL(line, process.env.BASE_URL).href;
    // `signal` aborts when the run is killed. Pass it on to whatever takes one, and what is under way ends at once.
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]) });
    const html = await response.text();
    const { status } = response;
    if (status === 429 || status >= 500) throw new Unavailable(response);
    if (response.redirected) log(`${url} has moved to ${response.url}`);
    const [, title] = /<title[^>]*>([^<]*)/i.exec(html) ?? [];
    return { status, title, bytes: Buffer.byteLength(html) };
  },
});
