import { readdir, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';

/** A package that lies in a `node_modules` folder. */
export interface InstalledPackage {
  /** The name it is imported by: its folder, and its scope. */
  readonly name: string;
  readonly folder: string;
  /** Where it lies in the folder that was searched; tells two versions of one name apart. */
  readonly path: string;
  /** Absolute paths, sorted. A folder that cannot be listed is among them: reading it will tell why. */
  readonly files: readonly string[];
  readonly bytes: number;
}

interface Content {
  readonly files: string[];
  bytes: number;
}

/**
 * Finds the packages in a `node_modules` folder: scoped ones, those nested in other packages, and those that pnpm keeps
 * in `.pnpm`. A package that is only linked to from here (a workspace, for example) is not installed here.
 */
export async function findPackages(root: string, signal: AbortSignal): Promise<InstalledPackage[]> {
  const found: InstalledPackage[] = [];

  async function search(folder: string, scope = ''): Promise<void> {
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (!isAbsent(error)) add(scope + basename(folder), folder, { files: [folder], bytes: 0 });
      return;
    }
    await Promise.all(entries.map((entry) => visit(folder, scope, entry)));
  }

  async function visit(folder: string, scope: string, entry: Dirent): Promise<void> {
    if (!entry.isDirectory() || signal.aborted) return undefined;
    const path = join(folder, entry.name);
    if (entry.name === '.pnpm') return searchStore(path);
    if (entry.name.startsWith('.')) return undefined; // .bin, .cache and the like
    if (scope === '' && entry.name.startsWith('@')) return search(path, `${entry.name}/`);
    const content: Content = { files: [], bytes: 0 };
    await collect(path, content);
    add(scope + entry.name, path, content);
    return search(join(path, 'node_modules'));
  }

  async function searchStore(store: string): Promise<void> {
    const versions = await readdir(store);
    await Promise.all(versions.map((version) => search(join(store, version, 'node_modules'))));
  }

  function add(name: string, folder: string, { files, bytes }: Content): void {
    found.push({ name, folder, path: toPosix(relative(root, folder)), files: files.toSorted(), bytes });
  }

  await search(root);
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Collects the files of a package, without those of the packages nested in it. Follows links to files only. */
async function collect(folder: string, content: Content, isTop = true): Promise<void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    content.files.push(folder);
    return;
  }
  await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!isTop || entry.name !== 'node_modules') await collect(path, content, false);
        return;
      }
      if (!entry.isFile() && !entry.isSymbolicLink()) return; // a pipe or a socket would never end
      const info = await stat(path).catch(() => undefined); // a link to nowhere stays in: reading it will tell why
      if (info !== undefined && !info.isFile()) return;
      content.files.push(path);
      content.bytes += info?.size ?? 0;
    }),
  );
}

function toPosix(path: string): string {
  return path.split(sep).join('/');
}
