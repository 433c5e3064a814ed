import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerManager } from '../../src/prometheus/index.ts';
import { start } from '../support/harness.ts';
import { promtool } from './promtool.ts';

/** What is in docs/telemetry, for users to copy. */
const pathOf = (name: string): string => fileURLToPath(new URL(`../../../../docs/telemetry/${name}`, import.meta.url));
const alerts = readFileSync(pathOf('alerts.yml'), 'utf8');
const dashboard = JSON.parse(readFileSync(pathOf('grafana-dashboard.json'), 'utf8')) as {
  panels: { title: string; gridPos: { x: number; w: number }; targets: { expr: string }[] }[];
};
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

function temporary(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tasker-promtool-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The metrics of ours that a text speaks of. */
const named = (text: string): string[] =>
  [...text.matchAll(/\btasker_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));

describe('the alert rules', () => {
  it('are valid', () => {
    promtool(['check', 'rules', pathOf('alerts.yml')]);
  });

  it('fire when they should, and only then', () => {
    const cases = readFileSync(new URL('alerts.test.yml', import.meta.url), 'utf8');
    promtool(['test', 'rules', temporary('alerts.test.yml', cases.replace('RULES', pathOf('alerts.yml')))]);
  });
});

describe('the dashboard', () => {
  it('asks what Prometheus understands', () => {
    const rules = queries.map((expr, i) => ({
      record: `dashboard:query:${i}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$manager', '.*'),
    }));
    promtool(['check', 'rules', temporary('queries.yml', JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))]);
  });

  it('has panels that fill its 24 columns', () => {
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    }
  });
});

it('rules and dashboard are about all metrics that there are, and no other', async () => {
  const { manager } = await start();
  const registry = new Registry();
  registerManager(registry, manager);
  const shown = [...(await registry.metrics()).matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name);
  expect([...new Set(named(queries.join('\n')))].toSorted()).toEqual(shown.toSorted());
  expect(named(alerts).filter((name) => !shown.includes(name))).toEqual([]);
});
