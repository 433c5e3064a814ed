import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerManager } from '../../src/prometheus/index.ts';
import { start } from '../support/harness.ts';
import { promtool } from './promtool.ts';
import { alerts, dashboard, dashboardText, filledIn, pathOf, queries } from './telemetry-files.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

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
    const rules = queries.map(([, expr], i) => ({ record: `dashboard:query:${i}`, expr: filledIn(expr, '.*') }));
    promtool(['check', 'rules', temporary('queries.yml', JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))]);
  });

  it('is one by the types of Grafana', () => {
    const type = "import type { Dashboard } from '@grafana/schema';\nexport const dashboard: Dashboard =";
    const file = temporary('dashboard.ts', `${type} ${dashboardText};`);
    symlinkSync(join(repository, 'node_modules'), join(dirname(file), 'node_modules'));
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
    const { stdout, status } = spawnSync(process.execPath, [tsc, ...options, '--ignoreConfig', file], {
      encoding: 'utf8',
    });
    expect([stdout, status]).toEqual(['', 0]);
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
  expect([...new Set(named(queries.map(([, expr]) => expr).join('\n')))].toSorted()).toEqual(shown.toSorted());
  expect(named(alerts).filter((name) => !shown.includes(name))).toEqual([]);
});
