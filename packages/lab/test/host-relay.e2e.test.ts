import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { ipv6Network, serverAddress } from '../src/network/address-plan.ts';
import { Internet } from '../src/network/internet.ts';
import { plugIn } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { networkSnapshot } from '../src/network/snapshot.ts';
import {
  launch,
  type Navalis,
  type NavalisClient,
  startClient,
  startRelay,
  startServer,
} from '../src/programs/navalis.ts';
import { firstPing } from '../src/traffic/ping.ts';
import { report } from './report.ts';

const nativeAddress = '2d00:0:0:2::99';

/** The user's limit for a hand-over, from the change of addresses to traffic. */
const handOverLimitMs = 60_000;

describe('a host behind a NAT that is host-specific relay and client in turn', () => {
  const laboratory = new Laboratory();
  let core: Namespace;
  let host: Namespace;
  let web: Namespace;
  let relay: Navalis;
  let client: NavalisClient;
  let program: Navalis;
  let before: unknown;

  beforeAll(async () => {
    const internet = new Internet(laboratory);
    core = internet.core;
    web = internet.webHost();
    await startServer(laboratory, internet.serverHost());
    relay = await startRelay(laboratory, internet.relayHost());
    client = await startClient(laboratory, internet.home().host);
    host = internet.home().host;
    plugIn({ namespace: host, interface: 'eth1' }, internet.core, ipv6Network.bridge, 'super-segments');
    gainIpv6(host);
    before = networkSnapshot(host);
    countAnnouncements(host);
    program = launch(laboratory, host, 'host-relay', { flags: ['--mode', 'auto', '--server', serverAddress] });
    await program.program.line(/Reaching Teredo clients through/);
  });

  afterAll(() => laboratory.close());

  it('[HR-08][HR-04][HR-13] as a relay reaches clients from behind its NAT, and they reach it, past all other relays', async () => {
    const carried = async (): Promise<number> => (await relay.status()).counters.datagramsReceived;
    const earlier = await carried();
    await firstPing(client.host, nativeAddress, 20_000);
    await firstPing(host, client.address, 20_000);
    expect((await carried()) - earlier).toBe(0);
    const status = await program.status();
    expect(status).toMatchObject({ role: 'host-relay', function: 'relay', state: 'running', address: nativeAddress });
    expect(status.local?.port).toBe(3544);
    expect(status.counters.datagramsReceived).toBeGreaterThan(0);
  });

  it('[HR-02][HR-14] has the route to clients for itself, and announces nothing', () => {
    const routes = (machine: Namespace) => machine.ipJson('-6', 'route', 'show', '2001::/32') as { dev: string }[];
    expect(routes(host)).toMatchObject([{ dev: 'teredo' }]);
    // The one that an operator set towards the other relay.
    expect(routes(core)).toMatchObject([{ dev: 'centre' }]);
    expect(routes(web)).toEqual([]);
    expect(host.run('nft', ['list', 'counter', 'inet', 'watch', 'announced']).stdout).toContain('packets 0');
  });

  it('[HR-18][HR-05a] becomes a client with the last native address, and a relay again with the next one', async () => {
    const said = (sign: RegExp) => newLine(program, sign);
    const becomesClient = said(/Teredo address (2001:[0-9a-f:]+): /);
    const lostAt = performance.now();
    host.ip(`addr del ${nativeAddress}/64 dev eth1`);
    const [, address = ''] = await becomesClient;
    await firstPing(web, address, 20_000);
    await firstPing(host, client.address, 20_000);
    const lostMs = performance.now() - lostAt;
    expect(lostMs).toBeLessThan(handOverLimitMs);
    expect(await program.status()).toMatchObject({
      role: 'host-relay',
      function: 'client',
      state: 'qualified',
      address,
    });

    // The program notices changes also without the monitor that announces them.
    process.kill(monitorOf(program), 'SIGKILL');
    const becomesRelay = said(/Reaching Teredo clients through/);
    const gainedAt = performance.now();
    gainIpv6(host);
    await becomesRelay;
    // The client still trusts the previous relay for up to 30 s; packets from the new one correct that.
    await firstPing(host, client.address, 20_000);
    await firstPing(client.host, nativeAddress, 20_000);
    const gainedMs = performance.now() - gainedAt;
    expect(gainedMs).toBeLessThan(handOverLimitMs);
    expect(await program.status()).toMatchObject({ function: 'relay', state: 'running', address: nativeAddress });
    report(
      `IPv6 lost: a client that others reach after ${seconds(lostMs)}; IPv6 back: a relay again after ${seconds(gainedMs)}`,
    );
    // The monitor runs again.
    expect(await program.program.until('a monitor', () => monitorsOf(program)[0], 5_000)).toBeGreaterThan(0);
  });

  it('leaves its host as it was, also when it is killed', async () => {
    expect(await program.program.stop()).toEqual({ status: 0, signal: null });
    expect(networkSnapshot(host)).toEqual(before);

    const killed = launch(laboratory, host, 'host-relay');
    await killed.program.line(/Reaching Teredo clients through/);
    const monitor = await killed.program.until('a monitor', () => monitorsOf(killed)[0], 5_000);
    await killed.program.kill();
    await vi.waitFor(() => expect(isRunning(monitor)).toBe(false), 5_000);
    expect(networkSnapshot(host)).toEqual(before);
  });
});

function gainIpv6(host: Namespace): void {
  host.ip(`addr add ${nativeAddress}/64 dev eth1`, `route replace ::/0 via ${ipv6Network.ipv6Gateway} dev eth1`);
}

/** Waits for a line that the program has not written yet. */
function newLine({ program }: Navalis, sign: RegExp): Promise<RegExpExecArray> {
  const said = program.output.length;
  return program.until(String(sign), () => sign.exec(program.output.slice(said)) ?? undefined, 30_000);
}

function monitorOf(navalis: Navalis): number {
  const [pid] = monitorsOf(navalis);
  if (pid === undefined) throw new Error('no monitor runs');
  return pid;
}

/** The processes that the program started. */
function monitorsOf({ program: { pid } }: Navalis): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').startsWith('ip\0monitor\0'));
}

/** A zombie process does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Counts router advertisements and what routing protocols send: OSPF, RIPng, Babel and BGP. */
function countAnnouncements(host: Namespace): void {
  host.run('nft', ['-f', '-'], {
    input: `table inet watch {
      counter announced {}
      chain departures {
        type filter hook output priority 0;
        icmpv6 type nd-router-advert counter name announced
        meta l4proto 89 counter name announced
        udp dport { 521, 6696 } counter name announced
        tcp dport 179 counter name announced
      }
    }`,
  });
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
