import { writeFile } from 'node:fs/promises';
import type { TaskMetrics } from 'tasker';
import { explain } from './survey.ts';
import type { Failure, Findings, Measured } from './survey.ts';
import { bytes, duration, percent, plural, table } from './text.ts';

const LARGEST = 10;

export interface Report extends Findings {
  readonly folder: string;
  readonly interrupted: boolean;
  readonly seconds: number;
  readonly metrics: TaskMetrics;
}

/** The report as it is shown at the end. */
export function renderReport(report: Report): string {
  const parts: string[] = [];
  if (report.measured.length > 0) parts.push(renderLargest(report.measured));
  parts.push(renderMetrics(report.metrics));
  if (report.failures.length > 0) parts.push(renderFailures(report.failures));
  parts.push(renderTotals(report));
  return parts.join('\n\n');
}

/** Writes the whole report, for programs. */
export async function writeReport(path: string, report: Report): Promise<void> {
  const { folder, interrupted, seconds, total, measured, failures, metrics } = report;
  const content = {
    folder,
    interrupted,
    seconds,
    totals: { found: total, measured: measured.length, failed: failures.length, ...sum(measured) },
    packages: measured
      .map(({ package: { name, path, files }, ...sizes }) => ({ name, path, files: files.length, ...sizes }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    failures: failures.map(({ package: { name, path }, error }) => ({ name, path, error: explain(error) })),
    metrics,
  };
  await writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** One package in one line. */
export function renderOne({ package: { name, files }, version, ...sizes }: Measured): string {
  return `${name}@${version}: ${plural(files.length, 'file')}, ${renderSizes(sizes)}`;
}

function renderTotals({ measured, total, interrupted, seconds }: Report): string {
  const sizes = sum(measured);
  const measuredOnes =
    measured.length === total ? plural(total, 'package') : `${measured.length} of ${plural(total, 'package')}`;
  const line = `${measuredOnes}, ${plural(sizes.files, 'file')}, ${renderSizes(sizes)}, in ${seconds.toFixed(1)} s`;
  return interrupted ? `${line}\nInterrupted: this is what was measured until then.` : line;
}

function renderSizes(sizes: { bytes: number; gzip: number; brotli: number }): string {
  const packed = (size: number): string => `${bytes(size)} (${percent(size, sizes.bytes)})`;
  return `${bytes(sizes.bytes)}, gzip ${packed(sizes.gzip)}, brotli ${packed(sizes.brotli)}`;
}

function renderLargest(measured: readonly Measured[]): string {
  const rows = measured
    .toSorted((a, b) => b.gzip - a.gzip)
    .slice(0, LARGEST)
    .map((item) => [
      `${item.package.name}@${item.version}`,
      item.package.files.length.toLocaleString('en'),
      bytes(item.bytes),
      bytes(item.gzip),
      bytes(item.brotli),
    ]);
  return table([['largest', 'files', 'size', 'gzip', 'brotli'], ...rows]);
}

function renderMetrics(metrics: TaskMetrics): string {
  const { averageExecutionTime, p50ExecutionTime, p95ExecutionTime, p99ExecutionTime } = metrics;
  const { averageWaitTime, p50WaitTime, p95WaitTime, p99WaitTime } = metrics;
  return [
    `tasks      ${metrics.totalTasksCompleted} completed, ${metrics.totalTasksFailed} failed, ` +
      `${metrics.totalTasksRetried} retried, ${metrics.totalTasksCancelled} cancelled`,
    `execution  ${renderTimes(averageExecutionTime, p50ExecutionTime, p95ExecutionTime, p99ExecutionTime)}`,
    `wait       ${renderTimes(averageWaitTime, p50WaitTime, p95WaitTime, p99WaitTime)}`,
    `threads    ${metrics.totalResourcesCreated} made, ${metrics.totalResourcesDestroyed} destroyed`,
  ].join('\n');
}

function renderTimes(...times: [average: number, p50: number, p95: number, p99: number]): string {
  const [average, p50, p95, p99] = times.map(duration);
  return `average ${average}, p50 ${p50}, p95 ${p95}, p99 ${p99}`;
}

function renderFailures(failures: readonly Failure[]): string {
  const lines = failures.map(({ package: { path }, error }) => `  ${path}: ${explain(error)}`).toSorted();
  return [`${plural(failures.length, 'package')} could not be measured:`, ...lines].join('\n');
}

function sum(measured: readonly Measured[]): { files: number; bytes: number; gzip: number; brotli: number } {
  const total = { files: 0, bytes: 0, gzip: 0, brotli: 0 };
  for (const item of measured) {
    total.files += item.package.files.length;
    total.bytes += item.bytes;
    total.gzip += item.gzip;
    total.brotli += item.brotli;
  }
  return total;
}
