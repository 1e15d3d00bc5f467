import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { dualStackIpv6Address, webIpv6Address } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { networkSnapshot } from '../src/network/snapshot.ts';
import {
  launch,
  type Navalis,
  type NavalisClient,
  startClient,
  startHostRelay,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import { teredoAddressOf } from '../src/programs/teredo-interface.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

/** The longest time for a restore. */
const limitMs = 5_000;

/** Changes of another program to a tunnel interface: the command, and the pattern of the log sentence. */
const ofEveryRole: readonly [string, RegExp][] = [
  ['ip link set teredo down', /link down/],
  ['ip link set teredo mtu 1400', /MTU 1400 instead of 1280/],
  // Below 1280 the kernel has no IPv6 on the interface at all.
  ['ip link set teredo mtu 1000', /MTU 1000 instead of 1280/],
  ['sysctl -qw net.ipv6.conf.teredo.disable_ipv6=1', /IPv6 switched off/],
  ['ip -6 route del 2001::/32 dev teredo', /route 2001::\/32 missing/],
];
const ofClient: readonly [string, RegExp][] = [
  ['ip addr flush dev teredo', /address 2001:0:\S+ missing/],
  ['ip -6 addr del fe80::ffff:ffff:ffff/64 dev teredo', /address fe80::ffff:ffff:ffff missing/],
  ['ip -6 route del default dev teredo', /route default missing/],
];

describe('another program that changes the tunnel interface', () => {
  const laboratory = new Laboratory();
  let internet: Internet;
  let web: Namespace;
  let client: NavalisClient;
  let relay: Navalis;
  let hostRelay: Navalis;

  beforeAll(async () => {
    internet = new Internet(laboratory);
    web = internet.webHost();
    await startServer(laboratory, internet.serverHost());
    relay = await startRelay(laboratory, internet.relayHost());
    hostRelay = await startHostRelay(laboratory, internet.dualStackHost());
    client = await startClient(laboratory, internet.home().host);
    await firstPing(client.host, webIpv6Address, 20_000);
  });

  afterAll(() => laboratory.close());

  it.each([...ofEveryRole, ...ofClient])('[CL-U-14] %s at a client: restored, and said', async (command, sign) => {
    await restoredAfter(client, command, sign);
    await firstPing(client.host, webIpv6Address, 10_000);
  });

  it.each(ofEveryRole)('[RL-A-12] %s at a relay: restored, and said', async (command, sign) => {
    await restoredAfter(relay, command, sign);
    await firstPing(web, client.address, 20_000);
  });

  it.each(ofEveryRole)('[RL-A-12] %s at a host-specific relay: restored, and said', async (command, sign) => {
    await restoredAfter(hostRelay, command, sign);
    await firstPing(client.host, dualStackIpv6Address, 20_000);
  });

  it('[CL-U-14] the interface of an idle client is restored, too, since it wakes the client', async () => {
    const idle = await startClient(laboratory, internet.home().host, ['--idle-timeout', '10']);
    await idle.program.line(/Not using Teredo: this host has sent nothing/, 30_000);
    idle.host.ip('link set teredo down');
    await idle.program.line(/link down\) and is restored/, limitMs);
    expect(teredoAddressOf(idle.host)).toBe(idle.address);
    expect(await idle.status()).toMatchObject({ state: 'disabled', disabledReason: 'idle' });
    await firstPing(idle.host, webIpv6Address, 20_000);
  });

  it('[CL-U-14] leaves additions by an operator unchanged', async () => {
    client.host.ip('addr add 2d00:0:0:9::1/64 dev teredo nodad', 'route add 2d00:0:0:9:8::/80 dev teredo');
    const said = client.program.output.length;
    const before = networkSnapshot(client.host);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(networkSnapshot(client.host)).toEqual(before);
    expect(client.program.output.slice(said)).not.toContain('restored');
    client.host.ip('addr del 2d00:0:0:9::1/64 dev teredo', 'route del 2d00:0:0:9:8::/80 dev teredo');
  });

  it.each([
    ['client', () => client],
    ['relay', () => relay],
    ['host-specific relay', () => hostRelay],
  ] as const)('[CL-U-14][RL-A-12] removes the interface of a %s: another one takes its place', async (_, program) => {
    const { program: process, host } = program();
    const said = process.output.length;
    host.ip('link del teredo');
    await process.until('a new interface', () => (hasServiceRoute(host) ? true : undefined), 15_000);
    expect(process.output.slice(said)).toContain('Interface teredo was removed by another program');
    if (host === client.host) {
      await process.until('health', async () => ((await client.health()).status === 200 ? true : undefined), 15_000);
      await firstPing(client.host, webIpv6Address, 20_000);
    } else {
      const { address = '' } = await client.status();
      await firstPing(host === relay.host ? web : host, address, 30_000);
      expect(await program().health()).toEqual({ status: 200, state: 'running', degraded: [] });
    }
  });

  it('[CL-U-14] degraded with 503 and the cure where it cannot be restored, restored when it can', async () => {
    // As ProtectKernelTunables= of systemd does.
    const readOnly = ['sh', '-c', 'mount -o bind,ro /proc/sys /proc/sys && exec "$0" "$@"'];
    await hostRelay.program.stop();
    const guarded = launch(laboratory, hostRelay.host, 'host-relay', { interpreter: readOnly });
    await guarded.program.line(/Reaching Teredo clients through/);
    const health = (status: number) => async () =>
      (await guarded.health().catch(() => undefined))?.status === status || undefined;
    await guarded.program.until('health 200', health(200), limitMs);
    hostRelay.host.setting('net/ipv6/conf/teredo/disable_ipv6', '1');
    await guarded.program.until('health 503', health(503), limitMs);
    expect(await guarded.health()).toEqual({ status: 503, state: 'degraded', degraded: ['interface'] });
    const [{ cure } = { cure: '' }] = (await guarded.status()).degraded ?? [];
    expect(cure).toBe('Run "sysctl -w net.ipv6.conf.teredo.disable_ipv6=0".');
    expect(guarded.program.output).toMatch(/cannot be restored.*Run "sysctl/);

    hostRelay.host.run('sysctl', ['-qw', 'net.ipv6.conf.teredo.disable_ipv6=0']);
    await guarded.program.until('health 200', health(200), limitMs);
    expect(hasServiceRoute(hostRelay.host)).toBe(true);
    await firstPing(hostRelay.host, (await client.status()).address ?? '', 20_000);
  });
});

/** Has the machine run the command; the program must restore everything in time, log it, and be healthy. */
async function restoredAfter(navalis: Navalis, command: string, sign: RegExp): Promise<void> {
  const { host, program } = navalis;
  const before = networkSnapshot(host);
  const said = program.output.length;
  const from = performance.now();
  const [file = '', ...args] = command.split(' ');
  // The restore may follow at once: only what the program logs shows that something was changed.
  host.run(file, args);
  const isSaid = () => /is restored/.test(program.output.slice(said)) || undefined;
  await program.until(`a restore after ${command}`, isSaid, limitMs);
  report(`${navalis.role}, ${command}: restored after ${((performance.now() - from) / 1000).toFixed(1)} s`);
  expect(program.output.slice(said)).toMatch(sign);
  expect(networkSnapshot(host)).toEqual(before);
  expect((await navalis.health()).status).toBe(200);
}

function hasServiceRoute(host: Namespace): boolean {
  const routes = host.ipJson('-6', 'route', 'show', '2001::/32') as { readonly dev: string }[];
  return routes.some(({ dev }) => dev === 'teredo');
}
