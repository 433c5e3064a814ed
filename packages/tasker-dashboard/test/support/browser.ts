import { chromium } from 'playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { serve } from '../../src/index.ts';
import type { Dashboard, DashboardServer } from '../../src/index.ts';

/** A page in Debian's `chromium`, and all that it has complained about. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts, and those on the console, such as what a Content-Security-Policy has blocked. */
  readonly complaints: string[];
  /** Addresses other than those of the server. */
  readonly foreign: string[];
}

let browser: Browser | undefined;

/** Has one browser for the tests of a file. To be called at its top. */
export function useBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      chromiumSandbox: process.getuid?.() !== 0, // as root Chromium has no sandbox
    });
  });
  afterAll(() => browser?.close());
}

/** Opens the page of a dashboard; closes it and its server after the test. */
export async function openPage(dashboard: Dashboard, options: BrowserContextOptions = {}): Promise<OpenPage> {
  return openAt((await startServer(dashboard)).url, options);
}

export async function startServer(dashboard: Dashboard, port = 0): Promise<DashboardServer> {
  const server = await serve(dashboard, { port });
  onTestFinished(() => server.close());
  return server;
}

export async function openAt(url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  if (browser === undefined) throw new Error('useBrowser() was not called');
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  return { page, complaints, foreign };
}
