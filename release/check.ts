// What must hold before a version is published: `npm run release:check`. npm asks it before each `npm publish`, and so does the workflow that
// releases. How to release is told in CONTRIBUTING.md.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const PACKAGES = ['tasker', 'tasker-cli', 'tasker-dashboard', 'tasker-distributed'];

/** What a release is made of. */
export interface Release {
  /** The package.json of each package. */
  readonly manifests: readonly Manifest[];
  /** The text of CHANGELOG.md. */
  readonly changelog: string;
  /** That from which it is released, if it is from one. */
  readonly tag?: string | undefined;
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What stands in the way of a release, in sentences. */
export function problems({ manifests, changelog, tag }: Release): string[] {
  const [first] = manifests;
  if (first === undefined) return ['there is no package'];
  const found: string[] = [];
  const { version } = first;
  for (const { name, version: own, dependencies = {} } of manifests) {
    if (own !== version) found.push(`${name} has version ${own}, ${first.name} has ${version}`);
    for (const { name: other } of manifests) {
      const range = dependencies[other];
      if (range !== undefined && range !== `^${version}`)
        found.push(`${name} asks for ${other} ${range}, not ^${version}`);
    }
  }
  if (tag !== undefined && tag !== `v${version}`) found.push(`the tag ${tag} is not v${version}`);
  const sections = changelog.split(/^## /m).slice(1);
  const pending = sections.find((section) => section.startsWith('Pending\n'));
  if (pending === undefined) found.push('CHANGELOG.md has no section "## Pending"');
  else if (pending.trim() !== 'Pending') {
    found.push(`CHANGELOG.md: move what is below "## Pending" to "## ${version} (YYYY-MM-DD)"`);
  }
  const isOfVersion = (section: string): boolean =>
    section.startsWith(`${version} `) && /^\S+ \(\d{4}-\d\d-\d\d\)\n/.test(section);
  if (!sections.some(isOfVersion)) found.push(`CHANGELOG.md has no section "## ${version} (YYYY-MM-DD)"`);
  return found;
}

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { GITHUB_REF_TYPE, GITHUB_REF_NAME } = process.env;
  const found = problems({
    manifests: PACKAGES.map((name) => JSON.parse(read(`packages/${name}/package.json`)) as Manifest),
    changelog: read('CHANGELOG.md'),
    tag: GITHUB_REF_TYPE === 'tag' ? GITHUB_REF_NAME : undefined,
  });
  for (const problem of found) console.error(problem);
  if (found.length > 0) process.exit(1);
  console.log('ready to be published');
}
