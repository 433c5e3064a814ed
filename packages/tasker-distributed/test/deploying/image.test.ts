import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../tasker/test/faults/postgres-server.ts';
import { connect, defineTasks } from '../../src/index.ts';
import { Program } from '../support/program.ts';
import { redisStore } from '../support/stores.ts';
import { useStore } from '../support/use-bench.ts';
import { Image } from './image.ts';
import { deploying, isDeployment, readManifests } from './manifests.ts';

/** What `docs/deploying` makes, and how it runs. Needs `npm run build` first. */

const run = promisify(execFile);

/** As `src/tasks.ts` has them. */
const tasks = defineTasks<unknown>()({ report: async (_, { pages }: { pages: number }) => ({ pages }) });

/** Submits a task, and resolves when it has begun, with its result to come. */
async function begin(submit: (onProgress: () => void) => Promise<unknown>): Promise<{ result: Promise<unknown> }> {
  let result: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve) => {
    result = submit(resolve);
  });
  return { result };
}

let image: Image;

beforeAll(async () => {
  image = await Image.build();
});
afterAll(() => image?.[Symbol.asyncDispose]());

describe('the Dockerfile', () => {
  test('has nothing that a linter complains of', async () => {
    expect(validate(await readFile(join(deploying, 'Dockerfile'), 'utf8'))).toEqual([]);
  });

  test('starts from a version of Node that is named, and runs it as process 1, as nobody of importance', async () => {
    const text = await readFile(join(deploying, 'Dockerfile'), 'utf8');
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual(Array(2).fill(expect.stringMatching(/^node:2[2468]-\w+-slim$/)));
    expect(image.command('CMD')).toEqual(['node', 'dist/worker.js']);
    expect(image.said('USER')).toBe('node');
    expect(image.said('STOPSIGNAL')).toBe('SIGTERM');
  });

  test('leaves out what only builds need', async () => {
    const { stdout } = await run('ls', [image.folder, join(image.folder, 'node_modules')]);
    expect(stdout).toContain('tasker-distributed');
    expect(stdout).not.toMatch(/^(?:src|tsconfig\.json|typescript|vitest)$/m);
  });
});

test('the guide shows how the monitor measures the depth', async () => {
  const guide = await readFile(join(deploying, '../guides/deploying.md'), 'utf8');
  const [shown = ''] = /^registry\.registerMetric\($.*?^\);$/ms.exec(guide) ?? [];
  expect(shown).toContain('tasker_store_tasks');
  expect(await readFile(join(deploying, 'src/monitor.ts'), 'utf8')).toContain(shown);
});

describe('what the image runs', () => {
  const store = useStore(redisStore);
  const programs: Program[] = [];
  afterEach(() => Promise.all(programs.splice(0).map((program) => program.end())));

  const environment = (port: number): Record<string, string> => ({
    ...{ STORE_URL: store().url, HOST: '127.0.0.1', PORT: String(port) },
  });
  /** Starts a program as the manifests or the image do, until it says that it is ready. */
  const start = async (
    command: readonly string[],
    more: Record<string, string> = {},
  ): Promise<{ program: Program; url: string; port: number }> => {
    const port = await freePort();
    const program = new Program(join(image.folder, command[1] ?? ''), [], { ...environment(port), ...more });
    programs.push(program);
    expect(await program.line()).toBe('ready');
    return { program, url: `http://127.0.0.1:${port}`, port };
  };
  const submit = (pages: number): Promise<{ stdout: string }> =>
    run(process.execPath, [join(image.folder, 'dist/submit.js'), String(pages)], {
      env: { ...process.env, ...environment(0) },
    });

  test.each(
    readManifests()
      .filter(isDeployment)
      .map((deployment) => [deployment.metadata.name, deployment] as const),
  )('%s answers its probes, the health check and Prometheus, and ends with 0 on SIGTERM', async (_name, { spec }) => {
    const [{ command, livenessProbe, readinessProbe }] = spec.template.spec.containers;
    const { program, url, port } = await start(command);
    for (const { httpGet } of [livenessProbe, readinessProbe]) {
      expect((await fetch(url + httpGet.path)).status).toBe(200);
    }
    const [node, ...check] = image.command('HEALTHCHECK').map((word) => word.replace('9464', String(port)));
    expect(node).toBe('node');
    await run(process.execPath, check);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect(await program.end('SIGTERM')).toBe(0);
    await expect(run(process.execPath, check)).rejects.toMatchObject({ code: 1 });
  });

  test('the worker runs what is submitted, and finishes on SIGTERM what it has begun', async () => {
    const { program } = await start(image.command('CMD'));
    expect((await submit(2)).stdout).toBe('{ pages: 2 }\n');
    await using client = await connect(tasks, store().url);
    const { result } = await begin((onProgress) => client.queueTaskOnce('report', { pages: 40 }, { onProgress }));
    expect(await program.end('SIGTERM')).toBe(0);
    expect(await result).toEqual({ pages: 40 });
    expect(await program.line()).toBe('stopped');
  });

  test('a worker that is not done in time hands back, and another one goes on', async () => {
    const first = await start(image.command('CMD'), { STOP_TIMEOUT: '100' });
    await using client = await connect(tasks, store().url);
    const { result } = await begin((onProgress) => client.queueTask('report', { pages: 60 }, { onProgress }));
    expect(await first.program.end('SIGTERM')).toBe(0);
    await start(image.command('CMD'));
    expect(await result).toEqual({ pages: 60 });
  });

  test('the monitor tells how many tasks wait, as the scaler asks for it', async () => {
    const { url } = await start(['node', 'dist/monitor.js']);
    await using client = await connect(tasks, store().url);
    const ids = await client.submitMany('report', [{ pages: 1 }, { pages: 1 }]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('tasker_store_tasks{state="queued"} 2\n');
    expect(metrics).toContain('tasker_store_tasks{state="running"} 0\n');
    for (const id of ids) await client.cancel(id);
  });
});
