// Takes the picture of Bull Board: `npm run build && npx tsx examples/picture/bull-board.ts`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const example = fileURLToPath(new URL('../bull-board.ts', import.meta.url));
const path = fileURLToPath(new URL('../../docs/images/bull-board.png', import.meta.url));

const child = spawn(process.execPath, ['--import', 'tsx', example], { stdio: ['ignore', 'pipe', 'inherit'] });
const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
const [url = ''] = /http:\S+/.exec(line) ?? [];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  chromiumSandbox: process.getuid?.() !== 0,
});
const page = await browser.newPage({ viewport: { width: 1400, height: 860 }, deviceScaleFactor: 1.5 });
// Of whoever takes the picture nothing is to be seen in it.
await page.route('**/api/**', async (route) => {
  const response = await route.fetch();
  await route.fulfill({
    response,
    body: (await response.text()).replaceAll(repository, '/srv/').replaceAll(`${hostname()}/`, 'host/'),
  });
});
await page.waitForTimeout(15_000); // until there is something to be seen
await page.goto(`${url}/queue/photos?status=failed`);
await page.getByText('BrokenPhotoError').first().waitFor();
await page.screenshot({ path });

await browser.close();
child.kill();
