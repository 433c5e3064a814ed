import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TaskerError } from 'tasker';
import { ThreadError } from 'tasker/threads';
import { describe, expect, test } from 'vitest';
import { PACKAGES } from '../../../../release/check.ts';
import { DistributedError } from '../../../tasker-distributed/src/basics/distributed-error.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly homepage: string;
  readonly bugs: string;
  readonly repository: { readonly url: string; readonly directory?: string };
  readonly engines: Readonly<Record<string, string>>;
  readonly license: string;
}

const read = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;

/** The address of the project is kept in the package.json of the workspace; what names it elsewhere is compared with it. */
const workspace = read('package.json');
const address = workspace.repository.url.replace(/^git\+|\.git$/g, '');

const filesOf = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(relative(root, entry.parentPath), entry.name));

describe.each(PACKAGES)('the package.json of %s', (name) => {
  const directory = `packages/${name}`;
  const manifest = read(`${directory}/package.json`);

  test('names the repository, its own folder there, and where to tell of bugs', () => {
    expect(manifest.repository).toEqual({ ...workspace.repository, directory });
    expect(manifest.homepage).toBe(`${address}/tree/main/${directory}#readme`);
    expect(manifest.bugs).toBe(workspace.bugs);
  });

  test('has the licence and the Node of the workspace', () => {
    expect(manifest.license).toBe(workspace.license);
    expect(manifest.engines).toEqual(workspace.engines);
  });
});

test('every package that can be published is released', () => {
  const published = readdirSync(join(root, 'packages')).filter(
    (name) => read(`packages/${name}/package.json`).private !== true,
  );
  expect(published.toSorted()).toEqual(PACKAGES.toSorted());
});

test('no file names another address of the project', () => {
  const sources = PACKAGES.flatMap((name) => filesOf(`packages/${name}/src`));
  const files = ['SECURITY.md', 'README.md', 'CONTRIBUTING.md', ...filesOf('.github'), ...sources];
  for (const file of files) {
    const addresses = readFileSync(join(root, file), 'utf8').match(/https:\/\/github\.com\/[\w-]+\/tasker\b/g) ?? [];
    expect(addresses.filter((other) => other !== address)).toEqual([]);
  }
});

test.each([new TaskerError('TIMEOUT', ''), new ThreadError('THREAD_STUCK', ''), new DistributedError('NOT_JSON', '')])(
  'a $name names a page of the repository',
  ({ help, code }) => {
    expect(help).toBe(`${address}/blob/main/docs/errors/${code}.md`);
  },
);
