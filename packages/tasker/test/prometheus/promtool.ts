import { spawnSync } from 'node:child_process';

/** Runs Prometheus' own `promtool`; what it complains of is an error. */
export function promtool(args: readonly string[], input = ''): void {
  const { error, status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error !== undefined) {
    throw new Error("this test needs promtool, of Debian's package prometheus: see .ci/run", { cause: error });
  }
  if (status !== 0 || stderr !== '') throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`);
}
