import { expect } from 'vitest';
import { live } from './life.ts';
import { Situations } from './situations.ts';

/** Runs the lives of `count` seeds and says how to replay the first one that fails. */
export async function sweep(firstSeed: number, count: number): Promise<Situations> {
  const situations = new Situations();
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const { failures, met } = await live(seed);
    situations.add(met);
    const replay = `seed ${seed} failed; replay it with\n  npm run chaos -- --seed ${seed} --lives 1 --verbose\n`;
    expect(failures.length === 0 ? '' : `${replay}  ${failures.join('\n  ')}`, 'failures of the chaos test').toBe('');
  }
  return situations;
}
