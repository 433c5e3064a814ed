import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Those of the packages that a module in the folder could not import. */
export function missingPackages(names: readonly string[], folder: string): string[] {
  return names.filter((name) => !isInstalled(name, folder));
}

/** Looks where `import` does: in `node_modules` of the folder and of each above it. */
function isInstalled(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true;
  const above = dirname(folder);
  return above !== folder && isInstalled(name, above);
}
