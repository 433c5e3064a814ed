import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { promtool } from '../../../tasker/test/prometheus/promtool.ts';
import { deploying, isDeployment, readManifests } from './manifests.ts';
import type { Container, Manifest, Selector } from './manifests.ts';
import { complaintsOf } from './schemas.ts';

/** Of the core, and of a worker that hands back; in ms. */
const DESTROY_TIMEOUT = 5_000;
const HAND_BACK_TIMEOUT = 750;
const LOCK = 15_000;

const manifests = readManifests();
const deployments = manifests.filter(isDeployment);
const named = (kind: string): Manifest => {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
};
const containerOf = (name: string): Container => {
  const [container] = deployments.find(({ metadata }) => metadata.name === name)?.spec.template.spec.containers ?? [];
  if (container === undefined) throw new Error(`there is no ${name}`);
  return container;
};
const read = (path: string): string => readFileSync(join(deploying, path), 'utf8');

describe('the manifests', () => {
  test('are as the schemas of Kubernetes and KEDA want them', async () => {
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual(
      ['Deployment', 'Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'ScaledObject'].toSorted(),
    );
    expect(await complaintsOf(manifests)).toEqual([]);
  });

  test.each([
    ['a field that there is not', '"failureThreshold"', '"failureTreshold"'],
    ['a number in the place of a text', '"value":"50000"', '"value":50000'],
    ['a port without a number', '"containerPort":9464', '"name":"status"'],
    ['a parameter of KEDA that is no text', '"threshold":"16"', '"threshold":16'],
  ])('would be refused with %s', async (_what, right, wrong) => {
    const text = JSON.stringify(manifests);
    expect(text).toContain(right);
    expect(await complaintsOf(JSON.parse(text.replace(right, wrong)) as Manifest[])).not.toEqual([]);
  });

  test('give a worker longer than it takes to stop', () => {
    const [worker] = deployments.filter(({ metadata }) => metadata.name === 'tasker-worker');
    const grace = (worker?.spec.template.spec.terminationGracePeriodSeconds ?? 30) * 1_000;
    const stop = Number(containerOf('tasker-worker').env.find(({ name }) => name === 'STOP_TIMEOUT')?.value);
    expect(grace).toBeGreaterThan(stop + DESTROY_TIMEOUT + 2 * HAND_BACK_TIMEOUT);
  });

  test('leave a worker alone until its tasks have long been taken for lost', () => {
    const { periodSeconds, failureThreshold = 3 } = containerOf('tasker-worker').livenessProbe;
    expect(periodSeconds * failureThreshold * 1_000).toBeGreaterThanOrEqual(3 * LOCK);
  });

  test.each(deployments.map((deployment) => [deployment.metadata.name, deployment] as const))(
    '%s probes and is scraped at the port on which the program answers',
    (_name, { spec: { template } }) => {
      const [{ ports, livenessProbe, readinessProbe }] = template.spec.containers;
      const [port] = ports;
      expect(port?.containerPort).toBe(Number(/PORT'\] \?\? (\d+)/.exec(read('src/settings.ts'))?.[1]));
      expect([livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.port)).toEqual([port?.name, port?.name]);
      expect(template.metadata.annotations['prometheus.io/port']).toBe(String(port?.containerPort));
    },
  );

  test.each(deployments.map((deployment) => [deployment.metadata.name, deployment] as const))(
    '%s sets what the program reads, and runs a program that there is',
    (_name, { spec: { template } }) => {
      const [{ env, command }] = template.spec.containers;
      const known = [...read('src/settings.ts').matchAll(/process\.env\['(\w+)'\]/g)].map(([, name]) => name);
      expect(known).toEqual(expect.arrayContaining(env.map(({ name }) => name)));
      const [program, script = ''] = command;
      expect(program).toBe('node');
      expect(read(script.replace('dist/', 'src/').replace('.js', '.ts'))).not.toBe('');
    },
  );

  test('are about one another', () => {
    for (const { spec } of deployments) expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
    const worker = deployments.find(({ metadata }) => metadata.name === 'tasker-worker');
    expect((named('PodDisruptionBudget').spec['selector'] as Selector).matchLabels).toEqual(
      worker?.spec.selector.matchLabels,
    );
    for (const kind of ['ScaledObject', 'HorizontalPodAutoscaler']) {
      expect(named(kind).spec['scaleTargetRef']).toMatchObject({ name: 'tasker-worker' });
    }
    expect(new Set(deployments.map(({ metadata }) => containerOf(metadata.name).image)).size).toBe(1);
  });
});

describe('the scaler', () => {
  const [trigger] = named('ScaledObject').spec['triggers'] as readonly {
    readonly type: string;
    readonly metadata: Readonly<Record<string, string>>;
  }[];
  const query = trigger?.metadata['query'] ?? '';

  test('gives the trigger parameters that KEDA knows', () => {
    expect(trigger?.type).toBe('prometheus');
    const known = ['serverAddress', 'query', 'threshold', 'activationThreshold', 'ignoreNullValues', 'namespace'];
    expect(known).toEqual(expect.arrayContaining(Object.keys(trigger?.metadata ?? {})));
  });

  test('counts what waits and what runs, once, whatever the number of monitors', () => {
    const series = ['a', 'b'].flatMap((pod) =>
      Object.entries({ queued: 30, running: 10, delayed: 99 }).map(([state, value]) => ({
        series: `tasker_store_tasks{pod="${pod}",state="${state}"}`,
        values: `${value}x2`,
      })),
    );
    const folder = mkdtempSync(join(tmpdir(), 'tasker-scaler-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const write = (name: string, content: unknown): string => {
      const path = join(folder, name);
      writeFileSync(path, JSON.stringify(content)); // which is YAML, too
      return path;
    };
    const rules = write('rules.yml', { groups: [{ name: 'scaler', rules: [{ record: 'due', expr: query }] }] });
    const asked = { expr: 'due', eval_time: '1m', exp_samples: [{ labels: 'due', value: 40 }] };
    const cases = write('cases.yml', {
      rule_files: [rules],
      evaluation_interval: '1m',
      tests: [{ interval: '1m', input_series: series, promql_expr_test: [asked] }],
    });
    promtool(['test', 'rules', cases]);
  });

  test('asks the same by way of prometheus-adapter', () => {
    const text = read('kubernetes/horizontal-pod-autoscaler.yaml');
    expect(text).toContain(`metricsQuery: ${query}\n`);
    const [metric] = named('HorizontalPodAutoscaler').spec['metrics'] as readonly {
      readonly external: {
        readonly metric: { readonly name: string };
        readonly target: { readonly averageValue: string };
      };
    }[];
    expect(text).toContain(`name: { as: ${metric?.external.metric.name} }`);
    expect(metric?.external.target.averageValue).toBe(trigger?.metadata['threshold']);
  });
});
