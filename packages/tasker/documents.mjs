// Copies what a user reads into the package, before it is packed: README, reference, guides and errors, without their pictures, what is for Grafana and Prometheus, and what is deployed.
import { cpSync, rmSync } from 'node:fs';

const from = new URL('../../', import.meta.url);
const to = new URL('./', import.meta.url);
const filter = (path) => !/(?:images|node_modules|dist)$/.test(path);

rmSync(new URL('docs', to), { recursive: true, force: true });
for (const path of [
  'README.md',
  'docs/reference.md',
  'docs/errors',
  'docs/guides',
  'docs/recipes',
  'docs/telemetry',
  'docs/deploying',
]) {
  cpSync(new URL(path, from), new URL(path, to), { recursive: true, filter });
}
