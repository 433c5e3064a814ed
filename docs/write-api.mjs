// Writes `docs/api`: a page for each thing that the packages export, from its docblock.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const pathOf = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path) => JSON.parse(readFileSync(pathOf(path), 'utf8'));

/** The sources of what can be imported from a package. */
function entryPoints(folder) {
  const { exports } = read(`${folder}/package.json`);
  return Object.values(exports)
    .filter((target) => typeof target === 'object') // package.json itself is text
    .map(({ default: built }) => `${folder}/${built.replace('./dist/', 'src/').replace(/\.js$/, '.ts')}`);
}

const app = await Application.bootstrapWithPlugins({
  entryPoints: read('package.json')
    .workspaces.filter((folder) => folder.startsWith('packages/'))
    .flatMap(entryPoints)
    .map(pathOf),
  tsconfig: pathOf('docs/tsconfig.json'),
  plugin: ['typedoc-plugin-markdown'],
  out: pathOf('docs/api'),
  readme: 'none',
  githubPages: false,
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  entryFileName: 'index',
  pageTitleTemplates: { index: 'API reference', module: '{name}', member: '{name}' },
  useCodeBlocks: true,
  indexFormat: 'table',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  tableColumnSettings: { hideDefaults: true, hideInherited: true, hideModifiers: true, hideOverrides: true },
  logLevel: 'Warn',
  treatWarningsAsErrors: true,
});

const project = await app.convert();
if (project === undefined) throw new Error('TypeDoc cannot read the sources');
// They are named by their files, `tasker/src/otel`, and not by what is imported.
for (const child of project.children ?? []) child.name = child.name.replace('/src', '');
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
