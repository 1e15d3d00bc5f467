import { afterAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { serverAddress, serverSecondaryAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { startClient, startServer } from '../src/programs/navalis.ts';
import { firstPing, ping } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const servers = `{ ${serverAddress}, ${serverSecondaryAddress} }`;

describe.concurrent('a client that does not hear its server', () => {
  const laboratories: Laboratory[] = [];

  async function scene() {
    const laboratory = new Laboratory();
    laboratories.push(laboratory);
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    return { laboratory, internet };
  }

  afterAll(async () => {
    for (const laboratory of laboratories) await laboratory.close();
  });

  it('[CL-M-14] loses neither address nor pings to a peer by 60 % loss at the server, nor by its death', async () => {
    const { laboratory, internet } = await scene();
    const flags = ['--refresh-interval', '5'];
    const alice = await startClient(laboratory, internet.home().host, flags);
    const bob = await startClient(laboratory, internet.home().host, flags);
    await firstPing(alice.host, bob.address, 10_000);

    dropAtServer(internet.core, 'numgen random mod 100 < 60');
    const lossy = await ping(alice.host, bob.address, { count: 60, intervalMs: 1000, patienceMs: 2000 });
    allowAll(internet.core);
    dropAtServer(internet.core, 'meta l4proto udp');
    const dead = await ping(alice.host, bob.address, { count: 40, intervalMs: 1000, patienceMs: 2000 });
    report(`60 % loss at the server: ${lossy.received} of ${lossy.sent}; dead: ${dead.received} of ${dead.sent}`);
    expect(lossy.sent - lossy.received).toBeLessThanOrEqual(1);
    expect(dead.sent - dead.received).toBeLessThanOrEqual(1);
    for (const client of [alice, bob]) {
      expect(client.program.output).not.toContain('no longer usable');
      expect(await client.status()).toMatchObject({
        state: 'degraded',
        address: client.address,
        degraded: [{ reason: 'server-silent', evidence: serverAddress }],
      });
    }
    // When it answers again, no ping is lost. The client may have logged the same during the loss of 60 %.
    const before = alice.program.output.length;
    allowAll(internet.core);
    await alice.program.until(
      'the server',
      () => /The server answers again/.exec(alice.program.output.slice(before)) ?? undefined,
      10_000,
    );
    expect(await alice.status()).toMatchObject({ state: 'qualified', address: alice.address });
  }, 240_000);

  it('[CL-Q-28] notices the end of an outage within a minute', async () => {
    const { laboratory, internet } = await scene();
    const { host } = internet.home();
    const client = await startClient(laboratory, host, ['--refresh-interval', '10']);
    dropAtServer(internet.core, 'meta l4proto udp');
    await client.program.line(/Off-line: .* does not answer/, 40_000);
    // Rounds of 12 s and waits of 1, 2, 4, 8 and 16 s: the next one is long enough to be seen.
    await new Promise((resolve) => setTimeout(resolve, 80_000));
    const before = client.program.output.length;
    allowAll(internet.core);
    const from = performance.now();
    await client.program.until(
      'an address',
      () => /Teredo address \S+: server/.exec(client.program.output.slice(before)) ?? undefined,
      60_000,
    );
    report(`an outage of 100 s: noticed ${((performance.now() - from) / 1000).toFixed(1)} s after its end`);
  }, 240_000);

  it('[CL-Q-31] takes another port when its NAT holds the old one to an address that is gone', async () => {
    const { laboratory, internet } = await scene();
    const { host, router, publicAddress } = internet.home();
    for (const name of ['nf_conntrack_udp_timeout', 'nf_conntrack_udp_timeout_stream']) {
      router.setting(`net/netfilter/${name}`, '300');
    }
    // Masquerading would forget its mappings with the address.
    translateTo(router, publicAddress);
    const client = await startClient(laboratory, host, ['--refresh-interval', '10']);
    const before = await client.status();
    expect(before.mapped?.address).toBe(publicAddress);

    const next = '203.0.113.177';
    router.ip('addr flush dev wan', `addr add ${next}/24 dev wan`, 'route add default via 203.0.113.1');
    translateTo(router, next);
    const from = performance.now();
    await client.program.until(
      'an address with the new outer one',
      async () => ((await client.status()).mapped?.address === next ? true : undefined),
      40_000,
    );
    report(`an outer address that is gone: replaced after ${((performance.now() - from) / 1000).toFixed(1)} s`);
    const after = await client.status();
    expect(after.local?.port).not.toBe(before.local?.port);
    expect(after.mapped?.port).toBe(after.local?.port);
    // The NAT has kept the dead mapping.
    const kept = router.run('cat', ['/proc/net/nf_conntrack'], { tolerant: true }).stdout;
    if (kept !== '') expect(kept).toContain(`dst=${publicAddress}`);
  }, 120_000);
});

/** Has the Internet drop packets to or from the server that meet the condition. */
function dropAtServer(core: Namespace, condition: string): void {
  core.run('nft', ['-f', '-'], {
    input: `table ip silence {
      chain forward {
        type filter hook forward priority filter;
        ip saddr ${servers} ${condition} drop
        ip daddr ${servers} ${condition} drop
      }
    }`,
  });
}

function allowAll(core: Namespace): void {
  core.run('nft', ['delete', 'table', 'ip', 'silence']);
}

/** Gives new mappings of the NAT this outer address; existing mappings stay. */
function translateTo(router: Namespace, address: string): void {
  router.run('nft', ['-f', '-'], {
    input: `
      flush chain ip nat postrouting
      add rule ip nat postrouting oifname "wan" snat to ${address}
    `,
  });
}
