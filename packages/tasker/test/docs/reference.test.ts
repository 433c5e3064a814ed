import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from './pages.ts';

/** What can be set, called, heard and caught is in the tables of `docs/reference.md`, each in a row of its section. */

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const source = (path: string): string => read(`packages/tasker/src/${path}`);

/** The names of the fields and methods of an interface, in its order. */
function membersOf(path: string, name: string): string[] {
  const body = new RegExp(`^export interface ${name}\\b[^\\n]*\\{\\n(.*?)^\\}`, 'ms').exec(source(path))?.[1] ?? '';
  return [...new Set([...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[<(:]/gm)].map(([, member = '']) => member))];
}

/** The literals of a union of strings. */
function literalsOf(path: string, name: string): string[] {
  const union = new RegExp(`^export type ${name} =([^;]*);`, 'm').exec(source(path))?.[1] ?? '';
  return [...union.matchAll(/'(\w+)'/g)].map(([, literal = '']) => literal);
}

/** The names in the first column of the table of a section, without arguments. */
function rowsOf(section: string): string[] {
  const text = read('docs/reference.md').split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const cells = [...text.matchAll(/^\| (\[?`[^|]*?) +\|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)[^`]*`/g)].map(([, name = '']) => name));
}

test.each([
  ['Configuration', membersOf('manager/config.ts', 'TaskManagerConfig')],
  ['Task options', membersOf('tasks/task.ts', 'TaskOptions')],
  ['Methods', membersOf('manager/task-manager.ts', 'TaskManager')],
  ['Events', membersOf('reports/events.ts', 'TaskerEvents')],
  ['Why a resource is destroyed', literalsOf('resources/resource.ts', 'DestroyReason')],
  ['Errors', literalsOf('primitives/errors.ts', 'TaskerErrorCode')],
])('the reference has a row for all that is there, and no other: %s', (section, names) => {
  expect(names.length).toBeGreaterThan(5);
  expect(rowsOf(section).toSorted()).toEqual(names.toSorted());
});
