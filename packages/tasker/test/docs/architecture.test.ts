import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from './pages.ts';

/** What ARCHITECTURE.md names is there, and every file is named. */

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const SOURCE = 'packages/tasker/src';
const WITHOUT_FILES = ['testing', 'threads'];

const page = read('ARCHITECTURE.md');
const drawings = [...page.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, drawing = '']) => drawing);
const prose = page.replaceAll(/^```\n[\s\S]*?^```$/gm, '');

/** The sources by their paths without `.ts`, such as `flow/dispatcher`; their comments left out. */
const sources = new Map(
  readdirSync(join(repositoryRoot, SOURCE), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.replaceAll('\\', '/').slice(0, -'.ts'.length))
    .map((name) => [name, read(`${SOURCE}/${name}.ts`).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')]),
);

/** The rooms of the drawing of the floors, each with the files in it. Notes are in brackets. */
function floors(): Map<string, string[]> {
  const [, drawing = ''] = /^## Floors\n[\s\S]*?^```\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const rooms = new Map<string, string[]>();
  let files: string[] = [];
  for (const line of drawing.replaceAll(/\(.*?\)/g, '').split('\n')) {
    const [, room, names = ''] = /^\d? +(?:(\w+)\/)?(.*)$/.exec(line) ?? [];
    if (room !== undefined) rooms.set(room, (files = []));
    else if (/^\d/.test(line)) rooms.set('', (files = []));
    files.push(
      ...names
        .split('·')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    );
  }
  return rooms;
}

/** Whether a text declares a member of that name: of a class or interface, in its body. */
const hasMember = (body: string, name: string): boolean =>
  new RegExp(String.raw`^ {2}(?:(?:private|readonly|static|async|get|set) )*\*?${name}(?=[?!<(:= ])`, 'm').test(body);

/** The bodies of the classes and interfaces of that name. */
const bodiesOf = (type: string): string[] =>
  [...sources.values()].flatMap((text) =>
    [...text.matchAll(new RegExp(String.raw`\b(?:class|interface) ${type}\b[\s\S]*?^\}`, 'gm'))].map(([body]) => body),
  );

describe('the floors', () => {
  test('name every file once, and none that is not there', () => {
    const named = [...floors()].flatMap(([room, files]) =>
      files.map((file) => (room === '' ? file : `${room}/${file}`)),
    );
    const there = [...sources.keys()].filter((name) => !WITHOUT_FILES.includes(name.split('/')[0] ?? ''));
    expect(named.toSorted()).toEqual(there.toSorted());
  });

  test('name every room', () => {
    const rooms = [...sources.keys()].map((name) => name.split('/').slice(0, -1).join('/'));
    expect([...floors().keys()].toSorted()).toEqual([...new Set(rooms)].toSorted());
  });
});

test('the drawings name files that are there, and what is in them', () => {
  const rooms = [...floors().keys()].filter((room) => room !== '').join('|');
  const named = [
    ...drawings.join('').matchAll(new RegExp(String.raw`\b((?:${rooms})/[a-z-]+)(?:: (#?\w+(?:, #?\w+)*))?`, 'g')),
  ];
  expect(named.length).toBeGreaterThan(30);
  const missing = named.flatMap(([, file = '', members = '']) => {
    const text = sources.get(file);
    if (text === undefined) return [file];
    return members
      .split(', ')
      .filter((name) => name !== '' && !hasMember(text, name))
      .map((name) => `${file}: ${name}`);
  });
  expect(missing).toEqual([]);
});

describe('what stands in backticks is there', () => {
  const quoted = [...new Set([...prose.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name))];

  test('files and folders', () => {
    const paths = quoted.filter((name) => /^[\w./-]+(?:\.(?:ts|mjs|json|md)|\/)$/.test(name));
    expect(paths.length).toBeGreaterThan(20);
    const roots = ['', 'packages/tasker', SOURCE];
    expect(paths.filter((path) => !roots.some((root) => existsSync(join(repositoryRoot, root, path))))).toEqual([]);
  });

  test('members of classes', () => {
    const members = quoted.filter((name) => /^[A-Z]\w*\.#?\w+$/.test(name));
    expect(members.length).toBeGreaterThan(20);
    const missing = members.filter((name) => {
      const [type = '', member = ''] = name.split('.');
      return !bodiesOf(type).some((body) => hasMember(body, member));
    });
    expect(missing).toEqual([]);
  });

  test('other names, which are in the sources or the manifests', () => {
    const names = quoted.filter((name) => /^#?\w+(?:\(.*\))?$/.test(name)).map((name) => name.replace(/\(.*/, ''));
    expect(names.length).toBeGreaterThan(50);
    const texts = [...sources.values(), read('package.json'), read('packages/tasker/package.json')].join('\n');
    expect(names.filter((name) => !new RegExp(String.raw`(?<![\w#])${name}\b`).test(texts))).toEqual([]);
  });
});
