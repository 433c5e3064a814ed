import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { live } from './life.ts';
import { Situations } from './situations.ts';

/**
 * `npm run chaos -- --lives 1000000 [--seed N] [--verbose] [--steps N]`: runs the lives of the seeds from N on. With
 * `--verbose` it prints the event log of each, with `--steps` the callers of each do only so many things.
 */
const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    failures: { type: 'string', default: '10' },
  },
});

const lives = Number(values.lives);
const firstSeed = Number(values.seed);
const maxSteps = values.steps === undefined ? Infinity : Number(values.steps);
const maxFailures = Number(values.failures);
const situations = new Situations();
const startedAt = performance.now();
let reportedAt = startedAt;
let failures = 0;

const rate = (): string => `${Math.round(situations.lives / ((performance.now() - startedAt) / 1000))} lives/s`;

for (let seed = firstSeed; seed < firstSeed + lives && failures < maxFailures; seed++) {
  const report = await live(seed, { isVerbose: values.verbose, maxSteps });
  situations.add(report.met);
  if (values.verbose) for (const line of report.log) console.log(line);
  if (report.failures.length > 0) {
    failures++;
    console.log(`seed ${seed} failed:\n  ${report.failures.join('\n  ')}`);
    console.log(`  replay: npm run chaos -- --seed ${seed} --lives 1 --verbose`);
  }
  if (performance.now() - reportedAt > 5_000) {
    reportedAt = performance.now();
    console.log(`${situations.lives} of ${lives} lives, ${rate()}, ${failures} failed`);
  }
}

console.log(`In how many of ${situations.lives} lives each of this was met:\n${situations.toString()}`);
console.log(`${situations.lives} lives on one of ${availableParallelism()} cores, ${rate()}, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
