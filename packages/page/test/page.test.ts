import axe from 'axe-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { pageFile, pagePaths } from '../src/index.ts';
import { type OpenPage, openChromium, type TestBrowser } from './chromium.ts';
import { recordings } from './recorded.ts';
import { type RecordedServer, startRecordedServer } from './recorded-server.ts';

/** For what takes as long as a busy machine wants. */
const patient = { timeout: 20_000 };

let browser: TestBrowser;
let server: RecordedServer;
beforeAll(async () => {
  browser = await openChromium();
});
afterAll(() => browser?.close());
beforeAll(async () => {
  server = await startRecordedServer();
});
afterAll(() => server?.close());

/** The errors that pages of the present test logged, among them all that the content security policy blocked. */
const errors: string[] = [];
const open: OpenPage[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((page) => page.close()));
  Object.assign(server, { recorded: recordings.healthy, token: undefined, isGone: false });
  expect(errors.splice(0)).toEqual([]);
});

interface Opened {
  readonly path?: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Whether the page's clock stands still until the test moves it. */
  readonly isClockHeld?: boolean;
}

async function openPage({
  path = '',
  width = 1_180,
  colorScheme = 'light',
  isClockHeld,
}: Opened = {}): Promise<OpenPage> {
  const page = await browser.open({ width, height: 800, colorScheme, ...(isClockHeld && { at: Date.now() }) });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    // Connections that fail on purpose and refused tokens are logged by the browser itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  open.push(page);
  await page.goto(`${server.url}${path}`);
  // The first frame, after which the page asks.
  if (isClockHeld) await page.clock.runFor(100);
  return page;
}

const section = (page: OpenPage, name: string | RegExp) => page.getByRole('region', { name }).innerText();

describe('the page', () => {
  it('has under 150 kB in all', () => {
    const octets = pagePaths.map((path) => pageFile(path)!.body.length).reduce((sum, length) => sum + length, 0);
    expect(octets).toBeGreaterThan(20_000);
    expect(octets).toBeLessThan(150_000);
    expect(pageFile('/assets/../index.ts')).toBeUndefined();
  });

  it('shows state, addresses, paths, peers, drops and log of a healthy client', async () => {
    const page = await openPage();
    expect(await section(page, 'Qualified')).toContain('This host has a Teredo address');
    const addresses = await section(page, 'Addresses');
    for (const fact of [
      '2001:0:c000:201:2cf3:3d1b:34ff:8eb7',
      'teredo.example.net (192.0.2.1)',
      '203.0.113.72:49892',
      'keeps the port',
      'by PCP',
    ]) {
      expect(addresses).toContain(fact);
    }
    const drawing = await page.getByRole('region', { name: 'Paths' }).getByRole('img').getAttribute('aria-label');
    expect(drawing).toMatch(/This host: .*Restricted NAT: .*Server: .*IPv6 Internet: 2 native hosts.*1 peer: direct/);
    expect(await section(page, 'Peers')).toMatch(/2001:db8:5:1::80\s+through a relay\s+198\.51\.100\.20:3544/);
    expect(await section(page, 'Dropped packets')).toMatch(
      /1.204\s+unreachable\s+The peer does not answer\.\s+It may be off/,
    );
    expect(await section(page, /^Log$/)).toMatch(/Native IPv6 hosts answer now[\s\S]*Asking server 192\.0\.2\.1/);
    await page.getByLabel('Warnings only').check();
    expect(await section(page, /^Log$/)).not.toContain('Asking server');
    expect(await page.title()).toBe('teredo-client: qualified');
  });

  it.each([
    [
      'degraded',
      recordings.degraded,
      'Degraded',
      /does not forward packets[\s\S]*eth0\.forwarding = 0[\s\S]*What to do[\s\S]*sysctl -w/,
    ],
    [
      'off-line',
      recordings.offline,
      'Off-line',
      /Server 192\.0\.2\.1 does not answer\.[\s\S]*What to do[\s\S]*teredo-client diagnose/,
    ],
  ] as const)('tells why a program is %s, and what to do', async (_, recorded, title, why) => {
    server.recorded = recorded;
    const page = await openPage();
    expect(await section(page, title)).toMatch(why);
    expect(await page.locator('.path.broken').count()).toBeGreaterThan(0);
  });

  it('serves a server and a host-specific relay, too', async () => {
    server.recorded = recordings.server;
    const page = await openPage();
    expect(await page.locator('.paths svg').getAttribute('aria-label')).toMatch(
      /Clients: 48.211 solicitations.*This server/,
    );
    expect(await page.getByRole('region', { name: 'Peers' }).count()).toBe(0);
    server.recorded = recordings.hostRelay;
    await page.getByText('as relay').waitFor();
    expect(await section(page, 'Peers')).toContain('No peer was heard lately.');
  });

  it('follows the program without a reload, and draws its rates', async () => {
    const page = await openPage({ isClockHeld: true });
    await page.getByRole('heading', { name: 'Qualified' }).waitFor();
    const traffic = async () => {
      await page.clock.runFor(2_000);
      return section(page, 'Traffic');
    };
    await expect.poll(traffic, patient).toMatch(/received [1-9][0-9.]* [kM]bit\/s/);
    const drawn = await page
      .locator('.chart canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) =>
        canvas
          .getContext('2d')!
          .getImageData(0, 0, canvas.width, canvas.height)
          .data.some((value) => value > 0),
      );
    expect(drawn).toBe(true);
    server.recorded = recordings.offline;
    const headings = async () => {
      await page.clock.runFor(2_000);
      return page.getByRole('heading', { name: 'Off-line' }).count();
    };
    await expect.poll(headings, patient).toBe(1);
  });

  it('says when the program is gone, asks less often, and goes on when it is back', async () => {
    const page = await openPage({ isClockHeld: true });
    await page.getByRole('heading', { name: 'Qualified' }).waitFor();
    server.isGone = true;
    const banners = async () => {
      // In small steps: the time limit of a request runs by this clock, its answer does not.
      await page.clock.runFor(1_000);
      return page.getByText('The program does not answer.').count();
    };
    await expect.poll(banners, patient).toBe(1);
    expect(await page.getByRole('heading', { name: 'Qualified' }).count()).toBe(1);
    let asked = 0;
    page.on('request', () => asked++);
    for (let second = 0; second < 60; second++) await page.clock.runFor(1_000);
    expect(asked).toBeLessThan(8);
    server.isGone = false;
    await expect.poll(banners, patient).toBe(0);
  });

  it('does not ask while it is hidden', async () => {
    const page = await openPage({ isClockHeld: true });
    await page.getByRole('heading', { name: 'Qualified' }).waitFor();
    const become = (state: string) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await become('hidden');
    let asked = 0;
    page.on('request', () => asked++);
    await page.clock.runFor(20_000);
    expect(asked).toBe(0);
    await become('visible');
    await expect.poll(() => asked, patient).toBeGreaterThan(0);
  });

  it('turns the pages of 100,000 clients, and holds a few at a time', async () => {
    server.recorded = recordings.crowded;
    const page = await openPage();
    const peers = page.getByRole('region', { name: /^Peers/ });
    await peers.getByRole('row').nth(20).waitFor();
    expect(await peers.innerText()).toMatch(/Peers 100.000/);
    const elements = await page.locator('*').count();
    expect(elements).toBeLessThan(600);
    const first = await peers.getByRole('row').nth(1).innerText();
    await peers.getByRole('button', { name: 'Next' }).click();
    await peers.getByText('page 2').waitFor();
    await expect.poll(() => peers.getByRole('row').nth(1).innerText(), patient).not.toBe(first);
    expect(await peers.getByRole('row').count()).toBe(21);
    await peers.getByRole('button', { name: 'Back' }).click();
    await expect.poll(() => peers.getByRole('row').nth(1).innerText(), patient).toContain(first.slice(0, 30));
  });

  it('[SEC-45] asks for the token, takes it from the fragment, and keeps it from the address', async () => {
    server.token = 'secret-token-of-the-test';
    const page = await openPage();
    await page.getByLabel('Token').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByLabel('Token').fill('another one');
    await page.getByRole('button', { name: 'Show the status' }).click();
    await page.getByRole('alert').getByText('refused this token').waitFor();
    expect(await page.getByRole('heading', { name: 'Qualified' }).count()).toBe(0);
    await page.getByLabel('Token').fill(server.token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Qualified' }).waitFor();
    const other = await openPage({ path: `#token=${server.token}` });
    await other.getByRole('heading', { name: 'Qualified' }).waitFor();
    expect(other.url()).toBe(server.url);
    await other.reload();
    await other.getByRole('heading', { name: 'Qualified' }).waitFor();
  });

  it('[SEC-44] asks no other host, and runs under its content security policy', async () => {
    const page = await openPage({ path: 'elsewhere' });
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Qualified' }).waitFor();
    await page.waitForResponse((response) => response.url().includes('/status'));
    expect([...hosts]).toEqual([new URL(server.url).host]);
    expect(errors).toEqual([]);
    const isBlocked = await page.evaluate(() =>
      fetch('http://127.0.0.2:9/').then(
        () => false,
        () => true,
      ),
    );
    expect(isBlocked).toBe(true);
    expect(errors.splice(0).join()).toContain('Content Security Policy');
  });
});

describe('the page for everybody', () => {
  it.each([
    ['healthy', 1_180, 'light'],
    ['degraded', 1_180, 'dark'],
    ['offline', 390, 'light'],
    ['crowded', 390, 'dark'],
  ] as const)('has no serious finding of axe: %s, %i wide, %s', async (name, width, colorScheme) => {
    server.recorded = recordings[name];
    const page = await openPage({ width, colorScheme });
    await page.locator('.state').waitFor();
    // Evaluated by the debugger, which the policy of the page does not bind.
    await page.evaluate(axe.source);
    const findings = await page.evaluate(async () => {
      const { axe: loaded } = globalThis as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } };
      const { violations } = await loaded.run();
      return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes[0]?.html }));
    });
    expect(findings.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  });

  it('reaches all controls by keyboard, with a visible focus', async () => {
    server.recorded = recordings.crowded;
    const page = await openPage();
    await page.getByRole('button', { name: 'Next' }).waitFor();
    const reached: string[] = [];
    for (let presses = 0; presses < 7; presses++) {
      await page.keyboard.press('Tab');
      const [what, outline] = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        if (element === document.body) return ['', ''];
        const name = element.getAttribute('aria-label') ?? element.closest('label')?.textContent ?? element.textContent;
        return [name?.trim() ?? '', getComputedStyle(element).outlineStyle];
      });
      if (what === '') break;
      reached.push(what);
      expect([what, outline]).toEqual([what, 'solid']);
    }
    expect(reached.map((text) => text.split(' ')[0])).toEqual(['Skip', 'Order', 'Next', 'Warnings', 'Lines']);
  });
});

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}
