import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PACKAGES } from '../../../../release/check.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly permissions: object;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly Step[]; readonly strategy?: { readonly matrix: { readonly node: number[] } } }
    >
  >;
}

const workflows = readdirSync(join(root, '.github/workflows'));

describe.each(workflows)('%s', (name) => {
  const { permissions, jobs } = parse(text(`.github/workflows/${name}`)) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test('may only read the repository, but for what a job asks for', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });

  test('runs commands that there are', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    for (const { run = '' } of steps) {
      for (const [, script = ''] of run.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts)).toContain(script);
      for (const [, file = ''] of run.matchAll(/bash (\S+)/g)) expect(text(file)).not.toBe('');
    }
  });

  test('uses actions of GitHub alone', () => {
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
  });
});

test('the matrix begins with the oldest Node that is supported', () => {
  const { jobs } = parse(text('.github/workflows/ci.yml')) as Workflow;
  const { engines } = JSON.parse(text('package.json')) as { engines: { node: string } };
  const versions = Object.values(jobs).flatMap((job) => job.strategy?.matrix.node ?? []);
  expect(Math.min(...versions)).toBe(Number.parseInt(engines.node.replace('>=', ''), 10));
});

test('a release publishes all packages, those that others need first', () => {
  const { jobs } = parse(text('.github/workflows/release.yml')) as Workflow;
  const publish = Object.values(jobs)
    .flatMap((job) => job.steps)
    .find(({ run }) => run?.includes('npm publish'))?.run;
  const published = /for name in (.+); do/.exec(publish ?? '')?.[1]?.split(' ') ?? [];
  expect(published.toSorted()).toEqual(PACKAGES.toSorted());
  expect(published[0]).toBe('tasker');
});

test('forms and settings of the repository are YAML', () => {
  const files = readdirSync(join(root, '.github'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.yml'))) {
    expect(parse(text(`.github/${file}`))).toBeTypeOf('object');
  }
});
