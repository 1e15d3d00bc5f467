import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { networkSnapshot } from '../src/network/snapshot.ts';
import { launch, type NavalisClient, startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';

describe('two clients on one host', () => {
  const laboratory = new Laboratory();
  let host: Namespace;
  let web: Namespace;
  let elsewhere: NavalisClient;
  let first: NavalisClient;
  let second: NavalisClient;
  let before: unknown;

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    await startRelay(laboratory, internet.relayHost());
    web = internet.webHost();
    elsewhere = await startClient(laboratory, internet.home().host);
    host = internet.home().host;
    before = networkSnapshot(host);
    first = await startClient(laboratory, host);
  });

  afterAll(() => laboratory.close());

  it('the second prints which keys it needs besides another interface', async () => {
    const refused = launch(laboratory, host, 'client', {
      flags: ['--server', serverAddress, '--interface', 'teredo1'],
    });
    expect(await refused.program.ended).toEqual({ status: 1, signal: null });
    expect(refused.program.output).toMatch(
      /File exists\. Another route to default has this metric, .*--route-metric, or/,
    );
    await firstPing(host, webIpv6Address, 15_000);
  });

  it.each([
    ['a metric of its own', ['--route-metric', '1000001']],
    ['no default route', ['--default-route', 'false']],
  ])('[CL-U-03] both work with %s, each for its address', { timeout: 120_000 }, async (_, flags) => {
    second = await startClient(laboratory, host, ['--interface', 'teredo1', ...flags]);
    expect(second.address).not.toBe(first.address);
    for (const { address } of [second, first]) {
      // Out of the host, to native hosts and to other clients, and in from both.
      await firstPing(host, webIpv6Address, 15_000, address);
      expect(await ping(host, webIpv6Address, { count: 3, source: address })).toMatchObject({ received: 3 });
      await firstPing(host, elsewhere.address, 15_000, address);
      await firstPing(web, address, 15_000);
      await firstPing(elsewhere.host, address, 15_000);
    }
    await second.program.stop();
    await firstPing(host, webIpv6Address, 15_000);
  });

  it('leave the host as it was', async () => {
    await first.program.stop();
    expect(networkSnapshot(host)).toEqual(before);
  });
});
