import { expect, test } from 'vitest';
import { resuming } from '../../src/run/command-line.ts';
import { endLines } from '../../src/run/end-lines.ts';
import type { RunSettings } from '../../src/run/settings.ts';
import type { Summary } from '../../src/run/summary.ts';
import { Tally } from '../../src/tally/tally.ts';

const summary: Summary = {
  items: 1_500,
  ok: 1_497,
  failed: 3,
  before: { items: 0, failed: 0 },
  skipped: 0,
  durationMs: 10_000,
  exitCode: 1,
  complete: true,
};

function tallied(): Tally {
  const tally = new Tally();
  for (const index of [1, 2, 3]) {
    const error = { name: 'Error', message: `no page ${index} at http://localhost/${index}`, code: 404 };
    tally.add({ index, input: { page: index }, error }, index * 100);
  }
  tally.add({ index: 4, input: 'slow', error: undefined }, 1_234);
  return tally;
}

const lines = (changes: Partial<Summary>, settings: Partial<RunSettings>): string =>
  endLines({ ...summary, ...changes }, tallied(), {
    once: false,
    out: undefined,
    args: ['run', 'a.mjs'],
    ...settings,
  }).join('\n');

test('the end of a run tells its slowest items, its errors by kind, its sum, and how to run the failures again', () => {
  const text = lines({}, { out: 'out.jsonl' });
  expect(text).toMatch(
    /^Slowest\n {2}1\.23 s {2}ok {6}item 4 {2}"slow"\n {2}300 ms {2}failed {2}item 3 {2}\{"page":3\}\n(.*\n)+Errors\n {2}3 {2}Error 404: no page <n> at <url>\n/,
  );
  expect(text).toContain('\n1,500 items: 1,497 ok, 3 failed, in 10 s (150/s)\nTo run the 3 failed items again:\n');
  expect(text).toMatch(/tasker run a\.mjs --resume-failed$/);
});

test('an end that was asked for tells how many items were not run, and how to go on', () => {
  expect(lines({ notRun: 2_000, exitCode: 130, complete: false }, { out: 'out.jsonl' })).toMatch(
    /1,500 items: 1,497 ok, 3 failed, 2,000 not run, in 10 s \(150\/s\)\nTo go on:\n {2}(npx )?tasker run a\.mjs --resume$/,
  );
});

test('where nothing can be resumed, or must not be run twice, nothing is advised', () => {
  expect(lines({}, {})).toMatch(/\(150\/s\)$/);
  expect(lines({}, { out: 'out.jsonl', once: true })).toMatch(/\(150\/s\)$/);
});

test('failures of earlier runs count', () => {
  const text = lines({ failed: 0, ok: 1_500, before: { items: 10, failed: 2 }, skipped: 1 }, { out: 'out.jsonl' });
  expect(text).toContain('1,500 items: 1,500 ok, 0 failed, 1 malformed passed over, in 10 s (150/s)\n');
  expect(text).toContain('in total: 1,510 items, 2 failed\nTo run the 2 failed items again:');
});

test('what is shown can be pasted into a shell', () => {
  const args = ['run', 'a.mjs', 'photos/*.jpg', "it's", '', '--resume', '--rate', '20/s'];
  expect(resuming(args, '--resume-failed')).toMatch(
    /tasker run a\.mjs 'photos\/\*\.jpg' 'it'\\''s' '' --rate 20\/s --resume-failed$/,
  );
});

test('the flag to resume with comes before the names that follow a --', () => {
  expect(resuming(['run', 'a.mjs', '--', '-x'], '--resume')).toMatch(/run a\.mjs --resume -- -x$/);
});
