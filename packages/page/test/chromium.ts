import { chromium, type Page } from 'playwright-core';
import { chromiumFlags, chromiumPath } from '../src/testing.ts';

export type OpenPage = Page;

interface PageOptions {
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  /** Where the clock of the page stands until a test moves it; undefined: it is this host's. */
  readonly at?: number;
}

/** A running Chromium. */
export interface TestBrowser {
  /** Opens an empty page that shares nothing with others. */
  open(options: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Starts Chromium with a profile of its own, which goes with it. */
export async function openChromium(): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [...chromiumFlags],
    timeout: 60_000,
  });
  return {
    async open({ width, height, colorScheme, at }) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme, timezoneId: 'UTC' });
      const page = await context.newPage();
      page.once('close', () => context.close().catch(() => undefined));
      if (at !== undefined) {
        await page.clock.install({ time: at - 1_000 });
        await page.clock.pauseAt(at);
      }
      return page;
    },
    close: () => browser.close(),
  };
}
