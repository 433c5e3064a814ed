import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { until } from '../faults/until.ts';

/** A value of a query, with its labels. */
export interface Value {
  readonly metric: Record<string, string>;
  readonly value: number;
}

export interface Alert {
  readonly state: 'firing' | 'pending';
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

/** The groups of its rules, as its API has them. */
interface Rules {
  readonly groups: readonly {
    readonly file: string;
    readonly rules: readonly { readonly alerts: readonly Alert[] }[];
  }[];
}

/** What scrapes and rules are done at, far more often than one would in earnest. */
const INTERVAL = '200ms';

/** A Prometheus of our own, on a free port of the loopback interface, that scrapes a target until the test has ended. */
export class PrometheusServer {
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  /** `rules` are files of rules, by their names. */
  static async start(target: string, rules: Readonly<Record<string, string>>): Promise<PrometheusServer> {
    const folder = await mkdtemp(join(tmpdir(), 'tasker-prometheus-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const config = {
      global: { scrape_interval: INTERVAL, evaluation_interval: INTERVAL },
      rule_files: Object.keys(rules),
      scrape_configs: [{ job_name: 'tasker', static_configs: [{ targets: [target] }] }],
    };
    const files = { ...rules, 'prometheus.yml': JSON.stringify(config) }; // JSON is YAML
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const server = spawn(
      'prometheus',
      ['--config.file=prometheus.yml', '--storage.tsdb.path=data', '--web.listen-address=127.0.0.1:0'],
      { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    onTestFinished(() => stop(server)); // before its folder is removed: the last is called first
    const url = `http://${await addressOf(server)}`;
    await until(async () => (await fetch(`${url}/-/ready`)).ok, 'Prometheus to be ready');
    return new PrometheusServer(`${url}/api/v1`);
  }

  async query(query: string): Promise<Value[]> {
    const { result } = await this.#get<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(query)}`,
    );
    return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  /** As Grafana asks for the values of a variable. */
  labelValues(label: string, series: string): Promise<string[]> {
    return this.#get(`label/${label}/values?match[]=${encodeURIComponent(series)}`);
  }

  /** The alerts of a file of rules that are pending or fire. */
  async alerts(file: string): Promise<Alert[]> {
    const { groups } = await this.#get<Rules>('rules?type=alert');
    return groups
      .filter((group) => group.file.endsWith(file))
      .flatMap(({ rules }) => rules)
      .flatMap(({ alerts }) => alerts);
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}/${path}`);
    const answer = (await response.json()) as { status: string; error?: string; data: T };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }
}

/** It takes a port that is free, and tells which. */
async function addressOf(server: ChildProcess): Promise<string> {
  const missing = new Promise<never>((_, reject) => {
    server.once('error', (cause) =>
      reject(new Error("this test needs prometheus, of Debian's package of that name: see .ci/run", { cause })),
    );
  });
  const said: string[] = [];
  const listening = async (): Promise<string> => {
    if (server.stderr === null) throw new Error('its output is not to be had');
    const lines = createInterface(server.stderr);
    for await (const line of lines) {
      said.push(line);
      const [, address] = /msg="Listening on" address=(\S+)/.exec(line) ?? [];
      if (address === undefined) continue;
      server.stderr.resume(); // what it says from now on is of no interest
      return address;
    }
    throw new Error(`prometheus did not start:\n${said.join('\n')}`);
  };
  return Promise.race([missing, listening()]);
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null) return;
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
}
