// Contestants are called after the package that they try and, after a space, what of it they try: `fastq`, `fastq kill()`.
// What is not a package is ours, or by hand.

import { existsSync, readFileSync } from 'node:fs';
import { ROOT } from './pages.mjs';

/**
 * The name of its package, and what of it is tried. Another build of the core is `tasker@PATH`.
 * @param {string} name
 */
export function partsOf(name) {
  const [, module = name, way] = /^([^ @]+)(?:@\S+)?(?: (.+))?$/.exec(name) ?? [];
  return { module, way };
}

/**
 * The name and version of the package that is installed in `folder`, or the name alone.
 * @param {string} folder
 */
export function packageOf(folder) {
  const manifest = new URL(`benchmarks/node_modules/${folder}/package.json`, ROOT);
  if (!existsSync(manifest)) return folder;
  const { name, version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return `${name} ${version}`;
}

/**
 * `fastq 1.20.3 kill()` for `fastq kill()`.
 * @param {string} contestant
 */
export const withVersion = (contestant) => contestant.replace(/^\S+/, packageOf);
