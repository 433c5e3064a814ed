import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, PostgresServer } from '../../packages/tasker/test/faults/postgres-server.ts';
import { until } from '../../packages/tasker/test/faults/until.ts';

const program = fileURLToPath(new URL('../bank/main.ts', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The service in a process of its own. */
class Service {
  readonly url: string;
  readonly process: ChildProcess;
  /** Its exit code. */
  readonly ended: Promise<number | null>;

  constructor(port: number, database: number) {
    this.url = `http://127.0.0.1:${port}`;
    const env = {
      ...process.env,
      PORT: String(port),
      DATABASE_URL: `postgres://postgres@127.0.0.1:${database}/postgres`,
    };
    this.process = spawn(process.execPath, ['--import', 'tsx', program], { cwd: root, env, stdio: 'inherit' });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
  }

  /** The status of an answer; 0 if there was none. */
  async ask(path: string, body?: object): Promise<number> {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    try {
      const response = await fetch(this.url + path, body === undefined ? {} : post);
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  listening(): Promise<void> {
    return until(async () => (await this.ask('/ready')) !== 0, 'the service to listen');
  }
}

/** Clients who move money at random and ask again until they have an answer, or nobody is there any more. */
class Crowd {
  readonly statuses = new Set<number>();
  readonly done: string[] = [];
  readonly refused: string[] = [];
  answers = 0;
  isOver = false;
  readonly #service: Service;
  readonly #all: Promise<void[]>;
  #transfers = 0;

  constructor(service: Service, size: number) {
    this.#service = service;
    this.#all = Promise.all(Array.from({ length: size }, () => this.#client()));
  }

  /** Everyone goes home after the answer to the transfer under way. */
  leave(): Promise<void[]> {
    this.isOver = true;
    return this.#all;
  }

  async #client(): Promise<void> {
    while (!this.isOver) {
      const n = ++this.#transfers;
      const amount = n % 10 === 0 ? 1_000_000 : n % 7; // now and then more than there is
      await this.#settle({ id: `t${n}`, source: (n % 8) + 1, target: ((n * 3) % 8) + 1, amount });
    }
  }

  async #settle(transfer: { id: string; source: number; target: number; amount: number }): Promise<void> {
    for (;;) {
      const status = await this.#service.ask('/transfers', transfer);
      this.statuses.add(status);
      if (status === 200) this.done.push(transfer.id);
      if (status === 409) this.refused.push(transfer.id);
      if (status === 200 || status === 409) this.answers++;
      if (status !== 503 && (status !== 0 || this.isOver)) return;
      await pause(50);
    }
  }
}

describe('the bank', () => {
  let server: PostgresServer;
  let service: Service;

  beforeAll(async () => {
    server = await PostgresServer.create();
    await server.start();
    await server.query('create table accounts (id int primary key, balance int check (balance >= 0))');
    await server.query('create table transfers (id text primary key)');
    await server.query('insert into accounts select id, 1000 from generate_series(1, 8) as id');
    await server.stop();
    const port = await freePort();
    service = new Service(port, server.port);
  });

  afterAll(async () => {
    service.process.kill('SIGKILL');
    await server.remove();
  });

  it('starts before its database, and has those wait who come meanwhile', async () => {
    await service.listening();
    expect(await service.ask('/ready')).toBe(503);
    const waiting = service.ask('/accounts/1');
    await server.start();
    expect(await waiting).toBe(200);
    expect(await service.ask('/ready')).toBe(200);
  });

  it('outlives three seconds without it under load, and a SIGTERM: nothing is lost, nothing is done twice', async () => {
    const crowd = new Crowd(service, 24);
    await until(() => crowd.answers > 200, 'the first answers');
    await server.stop();
    await pause(3_000);
    await server.start();
    const { answers } = crowd;
    await until(() => crowd.answers > answers, 'an answer after the return');
    await until(() => crowd.answers > answers + 200, 'further answers');

    service.process.kill('SIGTERM');
    crowd.isOver = true;
    expect(await service.ended).toBe(0);
    await crowd.leave();

    // No error of an aborted transaction, which would be a 500.
    expect([...crowd.statuses].filter((status) => ![0, 200, 409, 503].includes(status))).toEqual([]);
    const [total] = await server.query<{ sum: number }>('select sum(balance)::int from accounts');
    expect(total?.sum).toBe(8_000);
    const known = new Set((await server.query<{ id: string }>('select id from transfers')).map(({ id }) => id));
    expect(crowd.done.filter((id) => !known.has(id))).toEqual([]);
    expect(crowd.refused.filter((id) => known.has(id))).toEqual([]);
    expect(await server.connections()).toBe(0);
  });
});
