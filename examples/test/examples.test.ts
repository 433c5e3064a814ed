import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { run } from './run.ts';

/** The lines that an example must print, in this order; others may stand between them. */
const EXAMPLES: Record<string, readonly string[]> = {
  'calculator.ts': [
    '2 + 3 = 5',
    '1 / 0: cannot divide 1 by zero',
    'order: first, soon, normal, later',
    '7 / 2 = 3.5',
    'workers 1, queued 0, ready for runTask 1',
    'completed 6, failed 1',
    'stopped',
  ],
  'image-processor.ts': [
    'image 5 is tried again: renderer 1 is out of memory',
    'image 9 is tried again: renderer 2 is out of memory',
    'image 7 failed: the image has no pixels',
    '9 images, 1 broken, 2 retries',
    '3 renderers were used',
  ],
  'bursting.ts': [
    'at rest: 1 worker',
    'derived 40 keys of 32 bytes',
    'grew to 4 workers, back to 1',
    'made 4, destroyed 4',
  ],
  'crashing.ts': [
    'text 43 is tried again: the process of crashing.process.mjs was ended by SIGSEGV',
    'text 43 failed: the process of crashing.process.mjs was ended by SIGSEGV',
    '295 words in 59 texts',
    'no process has held more than 10 MB',
    'more than five processes were used',
  ],
  'scheduled-scaling.ts': ['1 -> 4 workers', '4 -> 2 workers', '2 -> 1 workers', 'the day is over'],
  'cpu-aware-scaling.ts': [
    'the event loop was free: grew to 4 workers',
    'the event loop was saturated: grew to 1 worker',
  ],
  'pglite.ts': [
    'tea: 3003',
    'coffee: 2998',
    'cocoa: 2997',
    'failed: relation "customers" does not exist',
    'tea, after a crash: 3003',
    '4 completed, 1 failed, 1 retried',
  ],
  'http-client.ts': [
    'hello from /one',
    'hello from /two',
    'hello from /reset',
    'hello from /busy',
    'Error: HTTP 404',
    'hello from /three',
  ],
  'llm-api.ts': ['the reader has left'],
};

describe.concurrent('examples', () => {
  for (const [example, lines] of Object.entries(EXAMPLES)) {
    // A database takes seconds to start.
    it(`${example} runs, ends by itself and prints what it should`, { timeout: 180_000 }, async ({ expect }) => {
      const { code, stdout, stderr } = await run(example);
      const printed = stdout.split('\n');
      expect(printed.filter((line) => lines.includes(line))).toEqual(lines);
      expect(stderr).toBe('');
      expect(code).toBe(0);
    });
  }
});

function read(path: string): Promise<string> {
  return readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
}

it('the guide to scaling shows what the examples run', async () => {
  const guide = await read('docs/guides/scaling.md');
  const snippets = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
  const shown = snippets.filter((code) => code.includes(': Scaler'));
  const source = (await read('examples/scheduled-scaling.ts')) + (await read('examples/cpu-aware-scaling.ts'));
  expect(shown).toHaveLength(2);
  for (const code of shown) expect(source).toContain(code);
});

it('the HTTP client says which failures are tried again', async () => {
  const { stdout } = await run('http-client.ts');
  expect(stdout).toContain('/reset again: socket hang up');
  expect(stdout).toContain('/busy again: HTTP 503');
});

it('the LLM API answers all but the one who has left, whatever it refuses', async () => {
  const { stdout } = await run('llm-api.ts');
  expect(stdout).toMatch(
    /^35 answers, 1 stream stopped, \d+ requests refused; the first word after \d+ ms for people, \d+ ms for the batch$/m,
  );
});

it('the dashboard serves its page while there is work, and ends by itself', async () => {
  let page: Promise<string> | undefined;
  const { code, stdout, stderr } = await run('dashboard.ts', {
    args: ['2'],
    onOutput: (stdout) => {
      const [url] = /http:\S+/.exec(stdout) ?? [];
      if (url !== undefined) page ??= fetch(url).then((response) => response.text());
    },
  });
  expect({ code, stderr, last: stdout.trim().split('\n').at(-1) }).toEqual({ code: 0, stderr: '', last: 'over' });
  expect(await page).toContain('<title>tasker</title>');
});
