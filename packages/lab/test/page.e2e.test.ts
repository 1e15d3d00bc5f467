import { chromiumFlags, chromiumPath } from '@navalis/page/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { Program } from '../src/programs/program.ts';
import { firstPing } from '../src/traffic/ping.ts';

const port = 9_464;
let laboratory: Laboratory;
let client: NavalisClient;

beforeAll(async () => {
  laboratory = new Laboratory();
  const internet = new Internet(laboratory);
  internet.webHost();
  await startServer(laboratory, internet.serverHost());
  await startRelay(laboratory, internet.relayHost());
  client = await startClient(laboratory, internet.home().host, ['--http', `127.0.0.1:${port}`]);
  await firstPing(client.host, webIpv6Address, 20_000);
});
afterAll(() => laboratory.close());

/** Returns the page of the client as Chromium on its host shows it, after five seconds of the page's own clock. */
async function pageShown(): Promise<string> {
  const browser = Program.start(laboratory, client.host, {
    name: 'chromium',
    command: chromiumPath,
    args: [
      ...[...chromiumFlags, `--user-data-dir=${laboratory.file('chromium')}`],
      ...['--virtual-time-budget=5000', '--dump-dom', `http://127.0.0.1:${port}/`],
    ],
  });
  await browser.ended;
  return browser.output;
}

describe('the page of a running client', () => {
  it('shows its state, address, server, relay and log in Chromium on its host', async () => {
    const shown = await pageShown();
    for (const fact of ['Qualified', client.address, serverAddress, 'IPv6 Internet', webIpv6Address, 'Asking server']) {
      expect(shown).toContain(fact);
    }
  });
});
