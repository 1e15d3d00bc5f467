import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { laboratoryRanges, relayIpv6Address, serverAddress, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { diagnose } from '../src/programs/diagnose.ts';
import { startClient, startRelay, startServer } from '../src/programs/navalis.ts';
import { report } from './report.ts';

interface Said {
  readonly nat: string;
  readonly isUsable: boolean;
  readonly limits: readonly string[];
  readonly throughServer: string;
  readonly native: string;
  readonly largePackets: string;
  readonly largestPacket: number | null;
  readonly advice: string;
  readonly exitStatus: number;
}

/** Diagnoses with the host that has IPv6 alone as target, and checks that the exit status is the one printed. */
async function saidOn(host: Namespace): Promise<Said> {
  const { stdout, stderr, status } = await diagnose(host, '--json', '--native-target', webIpv6Address);
  expect(stderr).toBe('');
  const said = JSON.parse(stdout) as Said;
  expect(said.exitStatus).toBe(status);
  return said;
}

describe('diagnose looks beyond the NAT', () => {
  let laboratory: Laboratory;
  let internet: Internet;
  let server: Namespace;

  beforeAll(async () => {
    laboratory = new Laboratory();
    internet = new Internet(laboratory);
    server = internet.serverHost();
    internet.webHost();
    const relay = internet.relayHost();
    await startServer(laboratory, server);
    await startRelay(laboratory, relay);
  });

  afterAll(() => laboratory.close());

  it('[CL-N-16][CL-N-17] reports that Teredo works when a native host answers, and prints each step', async () => {
    const { host } = internet.home();
    const { stdout, status } = await diagnose(host, '--native-target', webIpv6Address);
    report(stdout.trimEnd());
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Verdict: Teredo works here\.\nNAT: port-restricted\n/);
    expect(stdout).toMatch(/Firewall +(none for IPv6|refuses)/);
    expect(stdout).toMatch(/Names +with IPv4 and IPv6 addresses are reached/);
    expect(stdout).toMatch(/Forwarding +the server passes bubbles on/);
    expect(stdout).toMatch(/Native host +2d00:0:0:2::80 answers an echo through a relay/);
    expect(stdout).toMatch(/1280 octets +pass both ways/);
    const open = await saidOn(internet.dualStackHost());
    expect(open).toMatchObject({ nat: 'none', limits: [], native: 'answers', exitStatus: 0 });
  });

  it('asks the server that the client beside it uses, not a silent one before it in the list', async () => {
    const client = await startClient(laboratory, internet.home().host);
    const flags = ['--extra-global-ipv4', laboratoryRanges.join(','), '--native-target', 'none', '--json'];
    const servers = ['--server', '198.51.100.99', '--server', serverAddress];
    const { stdout, stderr } = await client.call('diagnose', ...servers, ...flags);
    expect(stderr).toBe('');
    const said = JSON.parse(stdout) as { server: object; nat: string };
    expect(said).toMatchObject({ server: { primary: serverAddress, isInUse: true }, nat: 'port-restricted' });
  });

  it('[CL-N-16] says that native hosts are reached behind a symmetric NAT too, and names the limit', async () => {
    const said = await saidOn(internet.home('port-symmetric').host);
    expect(said).toMatchObject({
      nat: 'port-symmetric',
      isUsable: true,
      limits: ['symmetric-nat'],
      native: 'answers',
      largePackets: 'passes',
      exitStatus: 3,
    });
  });

  it('[CL-N-16] detects a server without IPv6', async () => {
    const { host } = internet.home();
    server.ip('route del ::/0');
    try {
      expect(await saidOn(host)).toMatchObject({ limits: ['native-silent'], throughServer: 'passes', exitStatus: 6 });
    } finally {
      server.ip('route add ::/0 via 2d00:0:0:1::1');
    }
  });

  it('[CL-N-16] detects that no route leads to a relay', async () => {
    const { host } = internet.home();
    internet.core.ip('route del 2001::/32');
    try {
      expect(await saidOn(host)).toMatchObject({ limits: ['native-silent'], throughServer: 'passes', exitStatus: 6 });
    } finally {
      internet.core.ip(`route add 2001::/32 via ${relayIpv6Address}`);
    }
  });

  it('[CL-N-16] detects that there is no relay where the route leads', async () => {
    const { host } = internet.home();
    internet.core.ip(`route replace 2001::/32 via 2d00:0:0:1::30`);
    try {
      expect(await saidOn(host)).toMatchObject({ limits: ['native-silent'], throughServer: 'passes', exitStatus: 6 });
    } finally {
      internet.core.ip(`route replace 2001::/32 via ${relayIpv6Address}`);
    }
  });

  it('[CL-N-16] detects a server that answers solicitations only', async () => {
    const { host } = internet.home();
    // All datagrams without a leading Authentication; solicitations have one.
    server.run('nft', [
      'add table inet deaf; add chain inet deaf in { type filter hook input priority 0; }; add rule inet deaf in udp dport 3544 @th,64,16 != 0x0001 drop',
    ]);
    try {
      expect(await saidOn(host)).toMatchObject({
        limits: ['server-forwards-nothing'],
        throughServer: 'filtered',
        exitStatus: 5,
      });
    } finally {
      server.run('nft', ['delete table inet deaf']);
    }
  });

  it('[CL-N-17] detects a path that drops fragments, where TCP would hang', async () => {
    const { host, router } = internet.home();
    host.ip('link set eth0 mtu 1200');
    router.ip('link set lan mtu 1200');
    router.run('nft', [
      'add table ip shred; add chain ip shred early { type filter hook prerouting priority -450; }; add rule ip shred early ip frag-off & 0x3fff != 0 drop',
    ]);
    const said = await saidOn(host);
    expect(said).toMatchObject({ limits: ['large-packets-lost'], native: 'answers', largePackets: 'filtered' });
    // The largest of those that are tried, with the 28 octets of IPv4 and UDP.
    expect(said.largestPacket).toBe(1152);
    expect(said.exitStatus).toBe(8);
    router.run('nft', ['delete table ip shred']);
    expect(await saidOn(host)).toMatchObject({ limits: [], largePackets: 'passes', exitStatus: 0 });
  });

  it('[CL-N-15] detects a NAT that accepts input, and its advice cures it', async () => {
    const { host, router } = internet.home('port-restricted', { acceptsInput: true });
    const said = await saidOn(host);
    expect(said).toMatchObject({ nat: 'port-restricted', isUsable: true });
    expect(said.limits[0]).toBe('input-displaces-mapping');
    expect(said.exitStatus).toBe(7);
    const [, rule = ''] = /`nft ([^`]+)`/.exec(said.advice) ?? [];
    expect(rule).toContain('ct state new drop');
    router.run('nft', [rule]);
    expect(await saidOn(host)).toMatchObject({ nat: 'port-restricted', limits: [], exitStatus: 0 });
  });
});
