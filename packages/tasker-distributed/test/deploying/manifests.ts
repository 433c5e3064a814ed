import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** What is deployed, as the guide has it. */
export const deploying: string = fileURLToPath(new URL('../../../../docs/deploying/', import.meta.url));

/** What the tests look at; the schemas know the rest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

export interface DeploymentManifest extends Manifest {
  readonly spec: Record<string, unknown> & {
    readonly selector: Selector;
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations: Labels };
      readonly spec: { readonly terminationGracePeriodSeconds?: number; readonly containers: readonly [Container] };
    };
  };
}

type Labels = Readonly<Record<string, string>>;

export interface Selector {
  readonly matchLabels: Labels;
}

export interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold?: number;
}

/** All manifests, in the order of their files. */
export function readManifests(): readonly Manifest[] {
  const folder = join(deploying, 'kubernetes');
  return readdirSync(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { uniqueKeys: true }).map((document) => {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors.join('\n')}`);
      return document.toJS() as Manifest;
    }),
  );
}

export function isDeployment(manifest: Manifest): manifest is DeploymentManifest {
  return manifest.kind === 'Deployment';
}
