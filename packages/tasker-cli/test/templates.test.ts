import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PostgresServer } from '../../tasker/test/faults/postgres-server.ts';
import { Project } from './support/project.ts';

/** What `tasker init` writes, run by the command that it prints. Needs `npm run build` first. */

const isOk = (line: unknown): unknown => (line as { ok: boolean }).ok;

/** Has an output that was cut go on; all of `count` items have a line then, and only those that had none were run. */
async function resumes(project: Project, out: string, count: number): Promise<void> {
  const before = project.results(out);
  project.cut(out, 2);
  const { stderr } = await project.run('--resume');
  expect(stderr).toContain('resuming: 2 done already\n');
  expect(stderr).toMatch(new RegExp(`^${count - 2} items?: `, 'm'));
  expect(project.results(out).map(isOk)).toEqual(before.map(isOk));
}

describe('thumbs', () => {
  test('makes a thumbnail of each photo', async () => {
    const project = await Project.create('thumbs');
    const { code, stderr } = await project.run();
    expect(stderr).toMatch(/^photos\/stamp\.jpg is only 160 pixels wide\n4 items: 4 ok, /);
    expect(code).toBe(0);
    expect(project.results('thumbs.jsonl')).toMatchObject([
      { input: 'photos/hills.jpg', result: { file: 'photos/thumbs/hills.jpg.webp', width: 240, height: 160 } },
      { input: 'photos/night.jpg', result: { width: 240, height: 360 } },
      { input: 'photos/sea.jpg', result: { width: 240, height: 160 } },
      { input: 'photos/stamp.jpg', result: { width: 160, height: 120 } },
    ]);
    const thumb = readFileSync(join(project.folder.path, 'photos/thumbs/sea.jpg.webp'));
    expect(thumb.subarray(8, 12).toString()).toBe('WEBP');
    expect(project.results('thumbs.jsonl')[2]).toMatchObject({ result: { bytes: thumb.length } });
    await resumes(project, 'thumbs.jsonl', 4);
  });

  test('a photo that is none fails, and the others do not', async () => {
    const project = await Project.create('thumbs');
    project.folder.write('photos/text.jpg', 'no photo');
    expect(await project.run()).toMatchObject({ code: 1 });
    expect(project.results('thumbs.jsonl').at(-1)).toMatchObject({ input: 'photos/text.jpg', ok: false });
  });
});

describe('http', () => {
  test('fetches each page, waits for a busy server, and tries again after an error of it', async () => {
    const project = await Project.create('http');
    const { code, stderr } = await project.run();
    expect(stderr).toMatch(/^http.*\/old-about has moved to http.*\/about$/m);
    expect(stderr).toMatch(/^10 items: 10 ok, /m);
    expect(code).toBe(0);
    expect(project.results('pages.jsonl')).toMatchObject([
      { input: '/', attempts: 1, result: { status: 200, title: 'The page /' } },
      { input: '/about', result: { bytes: expect.any(Number) } },
      { input: '/old-about', result: { status: 200, title: 'The page /about' } },
      { input: '/news/1' },
      { input: '/news/2' },
      { input: '/news/3' },
      { input: '/flaky', attempts: 3, result: { status: 200 } },
      { input: '/busy', attempts: 1, result: { status: 200 } },
      { input: '/missing', attempts: 1, result: { status: 404 } },
      { input: '/contact', result: { status: 200 } },
    ]);
    await resumes(project, 'pages.jsonl', 10);
  });

  test('has threads share one site', async () => {
    const project = await Project.create('http');
    expect(await project.run('--threads', '--workers', '2')).toMatchObject({ code: 0 });
    expect(project.results('pages.jsonl')[6]).toMatchObject({ input: '/flaky', attempts: 3 });
  });

  test('a page that cannot be reached fails', async () => {
    const project = await Project.create('http', { BASE_URL: 'http://127.0.0.1:1' });
    expect(await project.run('--limit', '1')).toMatchObject({ code: 1 });
    expect(project.results('pages.jsonl')).toMatchObject([{ ok: false, attempts: 4 }]);
  });
});

describe('sql', () => {
  test('imports each row into the demo database, and fails the one that is wrong', async () => {
    const project = await Project.create('sql');
    expect(await project.run()).toMatchObject({ code: 1 });
    const bad = { index: 6, ok: false, attempts: 1, error: { code: '22P02' } };
    expect(project.results('failed.jsonl')).toMatchObject([bad]);
    const imported = project.results('imported.jsonl');
    expect(imported).toHaveLength(10);
    expect(imported[0]).toMatchObject({ result: { email: 'ada@example.com', isNew: true } });
    expect(imported[6]).toMatchObject(bad);
    expect(imported[7]).toMatchObject({ result: { email: 'ada@example.com', isNew: false } });
    await resumes(project, 'imported.jsonl', 10);
    const count = `
      const { connectDemo } = await import("./sql-demo.mjs");
      const client = await connectDemo();
      const { rows } = await client.query("select name from people where born is null or born = 1815 order by 1", []);
      console.log(JSON.stringify(rows));
      await client.end();`;
    const { stdout } = await project.node(count);
    expect(JSON.parse(stdout)).toEqual([{ name: 'King, Ada, Countess of Lovelace' }, { name: 'Konrad Zuse' }]);
  });

  test('goes on with a new connection to a real database when one is cut', async () => {
    const server = await PostgresServer.create();
    onTestFinished(() => server.remove());
    await server.start();
    const DATABASE_URL = `postgres://postgres@127.0.0.1:${server.port}/postgres?application_name=pool`;
    const project = await Project.create('sql', { DATABASE_URL });
    await server.query(project.folder.read('sql-table.sql'));
    await server.query(`
      create function cut() returns trigger language plpgsql as $$ begin
        if nextval('cuts') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if;
        return new;
      end $$;
      create sequence cuts;
      create trigger cut before insert on people for each row when (new.name = 'Emmy Noether') execute function cut()`);
    expect(await project.run()).toMatchObject({ code: 1 });
    const imported = project.results('imported.jsonl') as { ok: boolean }[];
    expect(imported.filter(({ ok }) => !ok)).toMatchObject([{ index: 6 }]);
    expect(imported[3]).toMatchObject({ ok: true, attempts: 2 });
    expect(await server.query('select count(*)::int as n from people')).toEqual([{ n: 8 }]);
  });
});

describe('browser', () => {
  const CHROME_PATH = process.env['CHROME_PATH'] ?? '/usr/bin/chromium';

  test('takes a screenshot of each page', async () => {
    const project = await Project.create('browser', { CHROME_PATH });
    const { code, stderr } = await project.run();
    expect(stderr).toContain('3 items: 3 ok, ');
    expect(code).toBe(0);
    const file = 'screenshots/0-pages-clock-html.png';
    expect(project.results('screenshots.jsonl')).toMatchObject([
      { input: 'pages/clock.html', result: { file, title: 'Clock at nine past ten' } },
      { input: 'pages/menu.html', result: { title: 'Menu of the day' } },
      { input: 'pages/poster.html', result: { title: 'Poster' } },
    ]);
    const png = readFileSync(join(project.folder.path, file));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 800]);
    await resumes(project, 'screenshots.jsonl', 3);
  });

  test('goes on in a new browser when it has crashed', async () => {
    const project = await Project.create('browser', { CHROME_PATH });
    project.folder.write(
      'crash.mjs',
      `import worker from './browser.mjs';
      let isCrashed = false;
      export default {
        ...worker,
        run: async (page, tab, context) => {
          if (!isCrashed) {
            isCrashed = true;
            const session = await tab.context().browser().newBrowserCDPSession();
            session.send('Browser.crash').catch(() => {});
          }
          return await worker.run(page, tab, context);
        },
      };`,
    );
    const { code, stderr } = await project.shell(`tasker run crash.mjs "pages/*.html" --out crash.jsonl`);
    expect(stderr).toContain('3 items: 3 ok, ');
    expect(code).toBe(0);
    expect(project.results('crash.jsonl')[0]).toMatchObject({ ok: true, attempts: 2 });
  });
});

describe('llm', () => {
  test('has each ticket answered, and waits when there were too many requests', async () => {
    const project = await Project.create('llm');
    expect(await project.run()).toMatchObject({ code: 0 });
    const answers = project.results('answers.jsonl');
    expect(answers).toHaveLength(10);
    expect(answers[1]).toMatchObject({
      attempts: 1,
      result: { id: 102, topic: 'payment', mood: 'calm', tokens: expect.any(Number) },
    });
    expect(answers[5]).toMatchObject({ attempts: 1, result: { id: 106, topic: 'delivery', mood: 'angry' } });
    await resumes(project, 'answers.jsonl', 10);
  });
});

describe('what stands in for a server keeps no process alive', () => {
  const context = '{ signal: new AbortController().signal, log: console.error }';

  test('the site of http', async () => {
    const project = await Project.create('http');
    const program = `const { default: worker } = await import("./http.mjs");
      console.log(JSON.stringify(await worker.run("/", undefined, ${context})));`;
    const { code, stdout } = await project.node(program);
    expect(JSON.parse(stdout)).toMatchObject({ status: 200 });
    expect(code).toBe(0);
  });

  test('the model of llm', async () => {
    const project = await Project.create('llm');
    const program = `const { default: worker } = await import("./llm.mjs");
      console.log(JSON.stringify(await worker.run({ id: 1, text: "thanks" }, undefined, ${context})));`;
    const { code, stdout } = await project.node(program);
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, topic: 'praise', mood: 'happy' });
    expect(code).toBe(0);
  });
});
