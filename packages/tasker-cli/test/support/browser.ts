import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { onTestFinished } from 'vitest';

/** A page in Debian's `chromium`, and all that it has asked for and complained about. */
export interface OpenPage {
  readonly page: Page;
  /** Addresses other than those of pages. */
  readonly requests: string[];
  /** Errors of scripts, and those on the console, such as what a Content-Security-Policy has blocked. */
  readonly complaints: string[];
}

/** Opens a page; closes the browser after the test. */
export async function openPage(url: string): Promise<OpenPage> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0, // as root Chromium has no sandbox
  });
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!request.isNavigationRequest()) requests.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, requests, complaints };
}
