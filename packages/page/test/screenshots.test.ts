import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenPage, openChromium, type TestBrowser } from './chromium.ts';
import { type Recorded, recordedAt, recordings } from './recorded.ts';
import { type RecordedServer, startRecordedServer } from './recorded-server.ts';
import { smallPng } from './small-png.ts';

/** Where the figures of the documentation go when `npm run screenshots` makes them. */
const { NAVALIS_FIGURES: folder } = process.env;

/** Without figures to take one scheme does: both have the same layout. */
const schemes = folder === undefined ? (['light'] as const) : (['light', 'dark'] as const);

/** The time until a figure is taken, so that it has a curve. */
const seconds = folder === undefined ? 4 : 240;

let browser: TestBrowser;
let server: RecordedServer;
beforeAll(async () => {
  browser = await openChromium();
  server = await startRecordedServer();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const states: readonly (readonly [name: string, recorded: Recorded])[] = [
  ['healthy', recordings.healthy],
  ['degraded', recordings.degraded],
  ['off-line', recordings.offline],
];

it.each(states)('the page fits a wide window and a phone: %s', async (name, recorded) => {
  server.recorded = recorded;
  for (const [device, width] of [
    ['wide', 1_180],
    ['phone', 390],
  ] as const) {
    for (const colorScheme of schemes) {
      const page: OpenPage = await browser.open({ width, height: 800, colorScheme, at: recordedAt - 1_000 * seconds });
      await page.goto(server.url);
      await page.clock.runFor(100);
      await page.waitForSelector('.state');
      for (let second = 0; second < seconds; second += 2) await page.clock.runFor(2_000);
      const { scrollWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth }));
      expect([device, scrollWidth]).toEqual([device, width]);
      const png = await page.screenshot({ fullPage: true });
      const small = smallPng(png);
      expect(small.length).toBeGreaterThan(10_000);
      expect(small.length).toBeLessThan(png.length);
      if (folder !== undefined) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(`${folder}/page-${name}-${device}-${colorScheme}.png`, small);
      }
      await page.close();
    }
  }
});
