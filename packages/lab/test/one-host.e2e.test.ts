import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webIpv6Address } from '../src/address-plan.ts';
import { Internet } from '../src/internet.ts';
import { Laboratory } from '../src/laboratory.ts';
import { type NavalisClient, startClient, startRelay, startServer } from '../src/navalis.ts';
import { firstPing, ping } from '../src/ping.ts';

/** Of the data centre, beside the server's two. */
const relayAddress = '198.51.100.13';

describe('server and relay on one host', () => {
  let laboratory: Laboratory;
  let client: NavalisClient;
  let web: ReturnType<Internet['webHost']>;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    const host = internet.serverHost();
    host.ip(`addr add ${relayAddress}/24 dev eth0`);
    host.setting('net/ipv6/conf/all/forwarding', '1');
    internet.core.ip('route add 2001::/32 via 2d00:0:0:1::10');
    web = internet.webHost();
    await startServer(laboratory, host);
    await startRelay(laboratory, host, ['--bind-address', relayAddress]);
    client = await startClient(laboratory, internet.home().host);
  });

  afterAll(() => laboratory.close());

  it('[SV-C-08] carry traffic both ways', { timeout: 30_000 }, async () => {
    await firstPing(client.host, webIpv6Address, 10_000);
    expect(await ping(web, client.address, { count: 5 })).toMatchObject({ sent: 5, received: 5 });
  });
});
