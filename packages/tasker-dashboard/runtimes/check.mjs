import assert from 'node:assert/strict';
import { get } from 'node:http';

/** Asks a dashboard at that address for all that the page asks for. Throws if anything is not as it should be. */
export async function check(url) {
  const page = await fetch(url);
  assert.equal(page.status, 200);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  const html = await page.text();
  const [, script] = /<script type="module" src="([^"]+)"/.exec(html) ?? [];
  const [, token] = /<meta name="tasker-token" content="([^"]+)"/.exec(html) ?? [];
  const file = await fetch(new URL(script, url));
  assert.deepEqual([file.status, file.headers.get('content-type')], [200, 'text/javascript; charset=utf-8']);
  assert.match(await file.text(), /addEventListener/);

  const rebound = new Promise((resolve, reject) => {
    get(`${url}api/state`, { headers: { host: 'rebound.example' } }, (response) =>
      resolve(response.resume().statusCode),
    ).on('error', reject);
  });
  assert.equal(await rebound, 403);

  const abort = new AbortController();
  const stream = await fetch(`${url}api/stream`, { signal: abort.signal });
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/);
  const events = eventsOf(stream.body);
  assert.equal((await events.next()).value.event, 'hello');
  const act = (action, headers, body) =>
    fetch(`${url}api/managers/images/${action}`, { method: 'POST', headers, ...(body !== undefined && { body }) });
  assert.equal((await act('pause')).status, 403);
  const headers = { 'x-tasker-token': token, 'content-type': 'application/json' };
  assert.equal((await act('resize', headers, '{"workerCount":1}')).status, 204);
  assert.equal((await act('pause', headers)).status, 204);
  // What was done comes by the stream, and not only when it ends.
  for await (const { event, data } of events) {
    if (event !== 'state') continue;
    const { stats, limits } = data.managers.images;
    if (stats.state === 'paused' && limits.workerCount === 1) break;
  }
  abort.abort();
  const { managers } = await (await fetch(`${url}api/state`)).json();
  assert.equal(managers.images.stats.state, 'paused');
}

async function* eventsOf(body) {
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const whole = (text + chunk).split('\n\n');
    text = whole.pop();
    for (const event of whole) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event);
      yield { event: name, data: JSON.parse(data) };
    }
  }
}
