import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultTheme } from 'vitepress';
import { REPOSITORY, placeOf } from './places.ts';

type Item = DefaultTheme.SidebarItem;

/** What is at the left of each page: of the API reference its names, of all others the groups of pages. */
export const sidebar = (): DefaultTheme.SidebarMulti => ({ '/api/': api(), '/': groups() });

/** What has a folder of its own is listed as it is there. */
function groups(): Item[] {
  return [
    { text: 'Start', items: [item('What it is', 'docs/index.md'), item('Quickstart', 'docs/quickstart.md')] },
    {
      ...item('Guides', 'docs/guides/README.md'),
      items: [
        item('Resources and lifecycle', 'docs/guides/lifecycle.md'),
        item('Health and retries', 'docs/guides/retries.md'),
        item('Back-pressure, priorities, fairness', 'docs/guides/back-pressure-and-fairness.md'),
        item('Scaling', 'docs/guides/scaling.md'),
        item('Shared bottlenecks', 'docs/guides/bottlenecks.md'),
        item('Rates and APIs', 'docs/guides/rates.md'),
        item('Cancellation and time', 'docs/guides/cancellation.md'),
        item('Leases and transactions', 'docs/guides/leases.md'),
        item('Shutdown', 'docs/guides/shutdown.md'),
        item('Threads and processes', 'docs/guides/threads.md'),
        item('Testing', 'docs/guides/testing.md'),
        item('Events, metrics, telemetry', 'docs/guides/telemetry.md'),
        item('Terminal', 'packages/tasker-cli/README.md'),
        item('Dashboard', 'docs/guides/dashboard.md'),
        item('Many machines', 'docs/guides/distributed.md'),
        item('Deploying', 'docs/guides/deploying.md'),
        item('Coming from other libraries', 'docs/guides/migration.md'),
        ...others('docs/guides'),
      ],
    },
    ...folder('Recipes', 'docs/recipes'),
    {
      text: 'Reference',
      items: [item('Options, methods, events', 'docs/reference.md'), item('API', 'docs/api/index.md')],
    },
    ...folder('Errors', 'docs/errors', true),
    { text: 'Figures', collapsed: true, items: others('docs') },
    ...folder('Decisions', 'docs/decisions', true),
    {
      text: 'Project',
      collapsed: true,
      items: [
        item('How it is built', 'ARCHITECTURE.md'),
        item('Contributing', 'CONTRIBUTING.md'),
        item('What changed', 'CHANGELOG.md'),
        item('Security', 'SECURITY.md'),
      ],
    },
  ];
}

/** Those named in one of the groups, so that a page of a folder is not listed twice. */
const named = new Set<string>();

function item(text: string, path: string): Item {
  named.add(path);
  return { text, link: linkOf(path) };
}

const linkOf = (path: string): string => `/${placeOf(path) ?? ''}`.replace(/(index)?\.md$/, '');

/** The first heading of a page, as text: without parameters of types and without marks. */
const titleOf = (path: string): string =>
  (/^# (.*)$/m.exec(readFileSync(join(REPOSITORY, path), 'utf8'))?.[1] ?? path)
    .replace(/\\?<.*/, '')
    .replaceAll('`', '');

const isCode = (name: string): boolean => /^[A-Z_]+\.md$/.test(name);

function pagesOf(path: string): string[] {
  if (!existsSync(join(REPOSITORY, path))) return [];
  return readdirSync(join(REPOSITORY, path))
    .filter((name) => name.endsWith('.md'))
    .toSorted((a, b) => Number(isCode(b)) - Number(isCode(a)) || a.localeCompare(b))
    .map((name) => `${path}/${name}`);
}

const others = (path: string): Item[] =>
  pagesOf(path)
    .filter((page) => !named.has(page))
    .map((page) => item(titleOf(page), page));

/** A group of all that is in a folder, which its README.md explains. */
function folder(text: string, path: string, collapsed = false): Item[] {
  const pages = pagesOf(path);
  const [index] = pages.filter((page) => page.endsWith('/README.md'));
  if (pages.length === 0) return [];
  return [
    {
      text,
      collapsed,
      ...(index === undefined ? {} : { link: linkOf(index) }),
      items: pages.filter((page) => page !== index).map((page) => item(titleOf(page), page)),
    },
  ];
}

/** What `write-api.mjs` has written, by module. */
function api(): Item[] {
  return readdirSync(join(REPOSITORY, 'docs/api'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/index.md'))
    .map((path) => `docs/api/${path.slice(0, -'/index.md'.length)}`)
    .toSorted()
    .map((path) => ({
      text: path.slice('docs/api/'.length),
      link: linkOf(`${path}/index.md`),
      collapsed: true,
      items: ['functions', 'classes', 'interfaces', 'type-aliases', 'variables'].flatMap((kind) =>
        pagesOf(`${path}/${kind}`).map((page) => item(titleOf(page), page)),
      ),
    }));
}
