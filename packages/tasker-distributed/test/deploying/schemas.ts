import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest } from './manifests.ts';

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
const repository = fileURLToPath(new URL('../../../..', import.meta.url));

/** Where the schema of a kind is: a class with its name, and an interface with an I before it. */
const SCHEMAS: Readonly<Record<string, string>> = {
  'apps/v1 Deployment': 'kubernetes-models/apps/v1',
  'policy/v1 PodDisruptionBudget': 'kubernetes-models/policy/v1',
  'autoscaling/v2 HorizontalPodAutoscaler': 'kubernetes-models/autoscaling/v2',
  'keda.sh/v1alpha1 ScaledObject': '@kubernetes-models/keda/keda.sh/v1alpha1',
};

type Model = new (manifest: Manifest) => { validate(): void };

/**
 * What is wrong with manifests, by the schemas of Kubernetes and KEDA. `validate()` finds what is missing or of a wrong kind, and the compiler
 * a field that there is not, which a literal may not have.
 */
export async function complaintsOf(manifests: readonly Manifest[]): Promise<readonly string[]> {
  return [...manifests.flatMap(complaintsAtRuntime), ...(await complaintsOfCompiler(manifests))];
}

function complaintsAtRuntime(manifest: Manifest): readonly string[] {
  const models = require(schemaOf(manifest)) as Readonly<Record<string, Model>>;
  const Kind = models[manifest.kind];
  if (Kind === undefined) return [`there is no schema of ${manifest.kind}`];
  try {
    new Kind(manifest).validate();
    return [];
  } catch (error) {
    return [String(error)];
  }
}

async function complaintsOfCompiler(manifests: readonly Manifest[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-manifests-'));
  try {
    await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
    const lines = manifests.flatMap((manifest, i) => [
      `import type { I${manifest.kind} as Kind${i} } from '${schemaOf(manifest)}';`,
      `export const manifest${i}: Kind${i} = ${JSON.stringify(manifest, null, 2)};`,
    ]);
    await writeFile(join(folder, 'manifests.ts'), lines.join('\n'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
    const printed = await new Promise<string>((resolve) => {
      execFile(process.execPath, [tsc, ...options, 'manifests.ts'], { cwd: folder }, (_error, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    return printed.split('\n').filter((line) => line !== '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function schemaOf({ apiVersion, kind }: Manifest): string {
  const schema = SCHEMAS[`${apiVersion} ${kind}`];
  if (schema === undefined) throw new Error(`${apiVersion} ${kind} has no schema here`);
  return schema;
}
