import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Folder, RunningCommand, moduleAt } from './support/command.ts';

/** `kill -9` of the real command at random moments. Needs `npm run build` first. */

const SEED = 20_261_130;
const SCENARIOS = 34;
const LEAST_KILLS = 50;
/** So many scenarios go on side by side. */
const LANES = 3;
/** Items of each. */
const COUNT = 200;

/** What standard error says when a phase begins. */
const SIGNS = { start: '', run: 'loaded', end: 'soon over' };

type Phase = keyof typeof SIGNS;

/** When to kill: some per cent of how long the phase takes undisturbed. */
interface Moment {
  readonly phase: Phase;
  readonly percent: number;
}

interface Scenario {
  readonly ordered: boolean;
  readonly failures: boolean;
  readonly repeat: 'once' | 'retries' | 'neither';
  /** The run, and each that goes on with it, is killed, until none is left. */
  readonly kills: readonly Moment[];
}

const moment = fc.record<Moment>({
  phase: fc.constantFrom('start', 'run', 'run', 'run', 'end'),
  percent: fc.noBias(fc.integer({ min: 0, max: 100 })),
});

const scenario = fc.record<Scenario>({
  ordered: fc.boolean(),
  failures: fc.boolean(),
  repeat: fc.constantFrom('once', 'retries', 'neither'),
  kills: fc.oneof(fc.tuple(moment), fc.array(moment, { minLength: 2, maxLength: 3 })),
});

interface Line {
  readonly index: number;
  readonly input: string;
  readonly ok: boolean;
  readonly result?: number;
  readonly error?: { readonly code?: string };
}

/** A run, and those that go on with it. */
class Run {
  readonly #scenario: Scenario;
  readonly #folder = new Folder();
  #isBegun = false;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#folder.write('items.txt', Array.from({ length: COUNT }, (_, i) => i).join('\n'));
  }

  start(): RunningCommand {
    const { ordered, failures, repeat } = this.#scenario;
    const args = [
      ...['run', moduleAt('noted.mjs'), '--lines', 'items.txt', '--out', 'out.jsonl'],
      ...(ordered ? ['--ordered'] : []),
      ...(failures ? ['--failures', 'failed.jsonl'] : []),
      ...(repeat === 'once' ? ['--once'] : []),
      ...(repeat === 'retries' ? ['--retries', '2'] : []),
      ...(this.#isBegun ? ['--resume'] : []),
    ];
    this.#isBegun = true;
    return new RunningCommand(args, { cwd: this.#folder.path });
  }

  /** Starts it and kills it; or it has ended before. What had a line has it still. */
  async kill({ phase, percent }: Moment, pace: Record<Phase, number>): Promise<void> {
    const before = this.#lines('out.jsonl');
    const command = this.start();
    await command.said(SIGNS[phase], 1).catch(() => {}); // it has nothing left to do
    await setTimeout((percent / 100) * pace[phase]);
    command.process.kill('SIGKILL');
    await command.finish();
    expect(this.#lines('out.jsonl').slice(0, before.length)).toEqual(before);
  }

  async finish(): Promise<void> {
    const { code, stderr } = await this.start().finish();
    expect(code, stderr).toBeLessThanOrEqual(1);
    this.#check();
  }

  /** Whatever has happened, it must have come to this. */
  #check(): void {
    const { ordered, failures, repeat, kills } = this.#scenario;
    const lines = this.#lines('out.jsonl');
    const results = lines.map((line) => JSON.parse(line) as Line);
    const indices = results.map(({ index }) => index);
    expect(ordered ? indices : indices.toSorted((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, i) => i));
    const unknown = results.filter(({ error }) => error?.code === 'OUTCOME_UNKNOWN');
    for (const { index, input, ok, result } of results.filter((line) => !unknown.includes(line))) {
      const isFailure = index % 10 === 0 || (index % 7 === 0 && repeat !== 'retries');
      expect({ index, input, ok, result }).toEqual({
        index,
        input: String(index),
        ok: !isFailure,
        result: isFailure ? undefined : index * 2,
      });
    }
    if (failures) expect(this.#lines('failed.jsonl')).toEqual(lines.filter((line) => !(JSON.parse(line) as Line).ok));
    expect(existsSync(join(this.#folder.path, 'out.jsonl.journal'))).toBe(false);
    if (repeat !== 'once') {
      expect(unknown).toEqual([]);
      return;
    }
    const [begun, ended] = ['begun.txt', 'ended.txt'].map((name) => this.#lines(name).map(Number)) as [
      number[],
      number[],
    ];
    expect(begun).toEqual([...new Set(begun)]);
    // A kill may come between the entry in the journal and the function, and between that and the line; of one item at most.
    expect(unknown.filter(({ index }) => !begun.includes(index)).length).toBeLessThanOrEqual(kills.length);
    if (!ordered) expect(unknown.filter(({ index }) => ended.includes(index)).length).toBeLessThanOrEqual(kills.length);
  }

  /** The whole lines of a file. */
  #lines(name: string): string[] {
    return existsSync(join(this.#folder.path, name)) ? this.#folder.read(name).split('\n').slice(0, -1) : [];
  }
}

/** How long the phases of a run take. */
async function measure(): Promise<Record<Phase, number>> {
  const command = new Run({ ordered: false, failures: true, repeat: 'neither', kills: [] }).start();
  const startedAt = performance.now();
  await command.said(SIGNS.run);
  const loadedAt = performance.now();
  await command.said(SIGNS.end);
  const soonOverAt = performance.now();
  await command.finish();
  return { start: loadedAt - startedAt, run: soonOverAt - loadedAt, end: performance.now() - soonOverAt };
}

test('killed at 50 random moments, each item comes to one line, and with --once begins once at most', async () => {
  const scenarios = fc.sample(scenario, { seed: SEED, numRuns: SCENARIOS });
  expect(scenarios.flatMap(({ kills }) => kills).length).toBeGreaterThanOrEqual(LEAST_KILLS);
  const pace = await measure();
  const lane = async (): Promise<void> => {
    for (let next = scenarios.pop(); next !== undefined; next = scenarios.pop()) {
      const run = new Run(next);
      try {
        for (const kill of next.kills) await run.kill(kill, pace);
        await run.finish();
      } catch (error) {
        throw new Error(`seed ${SEED}, ${JSON.stringify(next)}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
});
