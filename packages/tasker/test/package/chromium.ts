import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Milliseconds until a page that says nothing is given up; on two busy cores Chromium needs some seconds to start. */
const PATIENCE = 60_000;

/**
 * Opens a page in a headless Chromium and waits for what it says: the rest of the first line of its console that begins
 * with `said: `. (`--dump-dom` does not wait for workers.) A page that never says anything is an error with its console.
 */
export async function whatPageSays(url: string, profile: string): Promise<string> {
  const chromium = spawn(
    'chromium',
    [
      '--headless=new',
      '--disable-gpu',
      '--no-first-run',
      '--enable-logging=stderr', // that is where the console goes
      `--user-data-dir=${profile}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // as root Chromium has no sandbox
      url,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(chromium, 'close').catch(() => {});
  let output = '';
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (why: string, cause?: unknown): void => reject(new Error(`${why}\n${output}`, { cause }));
      const patience = setTimeout(() => fail(`the page ${url} has said nothing`), PATIENCE);
      void ended.then(() => clearTimeout(patience));
      chromium.on('error', (error) =>
        fail(
          "the browser tests need Debian's package chromium: apt-get install --no-install-recommends chromium",
          error,
        ),
      );
      chromium.on('exit', (code, signal) => fail(`Chromium has exited with ${code ?? signal}`));
      chromium.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        const said = /CONSOLE.*\] "said: (.*?)", source: /s.exec(output)?.[1];
        if (said !== undefined) resolve(said);
      });
    });
  } finally {
    if (chromium.pid !== undefined && chromium.exitCode === null) chromium.kill();
    await ended;
  }
}
