import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from './run.ts';

/**
 * The examples with real things, one after another: their servers and browsers take the cores for themselves. Needs Debian's `chromium`
 * and `redis-server`.
 */

/** What each prints. */
const EXAMPLES: Record<string, readonly string[]> = {
  'postgres.ts': [
    'too poor: new row for relation "accounts" violates check constraint "accounts_balance_check"',
    'transfer of 20 again: terminating connection due to administrator command',
    'task 4 "report" ran longer than its timeout, 200 ms',
    '0 reports run on the server',
    'balances 70 and 130',
  ],
  'browser-pages.ts': [
    'page /one, no cookie',
    'page /two, no cookie',
    'task 3 ran longer than its timeout, 500 ms',
    '/three again, attempt 1',
    'page /three, no cookie',
    '2 browsers',
  ],
  'fastify.ts': [
    'ready: 200',
    'ready: 503',
    'a request that still comes: 200 done after 1 ms',
    'a request under way: 200 done after 600 ms',
    'the manager is stopped',
  ],
  'nest.ts': ['ready: 200', 'ready: 503', 'a request under way: 200 done after 600 ms', 'the manager is stopped'],
  'sqlite.ts': [
    '30000 readings',
    'attic: 10000 readings, 3.00 in the mean',
    'cellar: 10000 readings, 3.00 in the mean',
    'garden: 10000 readings, 3.00 in the mean',
    'a reader: attempt to write a readonly database',
    'after a crash: 10000 readings of the attic',
  ],
  'redis.ts': [
    '20 of 30 have got one',
    '0 left, after a cut',
    'task 33 "blpop" ran longer than its timeout, 200 ms',
    'a job',
  ],
  'ssh.ts': [
    'one, two, three, four over 1 connection',
    'exit code 1',
    'task 6 "sleep" ran longer than its timeout, 100 ms',
    '0 commands are left on the server',
    'again, attempt 2',
  ],
};

for (const [example, lines] of Object.entries(EXAMPLES)) {
  it(`${example} runs, ends by itself and prints what it should`, { timeout: 180_000 }, async () => {
    const { code, stdout, stderr } = await run(example);
    expect(stdout.trim().split('\n')).toEqual(lines);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
}

const withoutIndents = (text: string): string => text.replaceAll(/^ +/gm, '');

describe('the recipes', () => {
  const folder = new URL('../../docs/recipes/', import.meta.url);
  it.each(readdirSync(folder))('%s shows what an example runs', (name) => {
    const page = readFileSync(new URL(name, folder), 'utf8');
    const shown = [...page.matchAll(/<!-- fragment: of examples\/(\S+) -->\n\n```\w+\n(.*?)```/gs)];
    expect(shown).toHaveLength(page.split('<!-- fragment').length - 1); // the other blocks are run as they stand, like those of any page
    for (const [, example = '', code = ''] of shown) {
      const source = readFileSync(new URL(`../${example}`, import.meta.url), 'utf8');
      expect(withoutIndents(source)).toContain(withoutIndents(code));
    }
  });
});
