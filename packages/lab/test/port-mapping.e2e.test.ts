import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Laboratory } from '../src/laboratory.ts';
import { type Home, Internet } from '../src/network/internet.ts';
import type { Namespace } from '../src/network/namespace.ts';
import { type PublicHome, publicHome } from '../src/network/public-home.ts';
import { diagnose } from '../src/programs/diagnose.ts';
import { type Malice, startHostileRouter } from '../src/programs/hostile-router.ts';
import { mappedPorts, startMiniupnpd } from '../src/programs/miniupnpd.ts';
import { type NavalisClient, startClient, startServer } from '../src/programs/navalis.ts';
import type { Program } from '../src/programs/program.ts';
import { UdpProbe } from '../src/traffic/udp-probe.ts';
import { report } from './report.ts';

describe('a client behind a router that maps ports', { timeout: 60_000 }, () => {
  let laboratory: Laboratory;
  let home: PublicHome;
  let daemon: Program;
  let outsider: UdpProbe;

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    home = publicHome(internet);
    daemon = await startMiniupnpd(laboratory, home);
    outsider = await UdpProbe.start(laboratory, internet.bystander(), '198.51.100.66');
  });

  afterAll(() => laboratory.close());

  function start(protocol: string, state = protocol): Promise<NavalisClient> {
    return startMapped(laboratory, home.host, protocol, state);
  }

  /** Sends what no NAT lets in by itself, and waits for the client to count it. */
  async function reachUnasked(client: NavalisClient, port: number): Promise<void> {
    const dropped = async () => (await client.status()).counters.drops['not-ipv6'] ?? 0;
    const before = await dropped();
    outsider.send(Uint8Array.of(0xff, 0xff, 0xff), { address: home.publicAddress, port });
    const more = async () => ((await dropped()) > before ? true : undefined);
    await client.program.until('a datagram of an unknown host', more, 5_000, 100);
  }

  it.each(['pcp', 'nat-pmp', 'upnp'] as const)(
    '[HP-02][UPNP-03][UPNP-05][UPNP-09][UPNP-15] is reached at its mapping by %s, has its address again after a restart, and leaves nothing',
    async (protocol) => {
      const client = await start(protocol);
      const { portMapping, mapped } = await client.status();
      expect(portMapping).toEqual({ protocol, address: home.publicAddress, port: mapped?.port });
      expect(mappedPorts(home)).toEqual([mapped?.port]);
      await reachUnasked(client, mapped!.port);
      await client.program.stop();
      expect(mappedPorts(home)).toEqual([]);

      const again = await start(protocol);
      expect(again.address).toBe(client.address);
      report(
        `${protocol}: address after ${Math.round(client.addressAfterMs)} ms, then ${Math.round(again.addressAfterMs)} ms`,
      );
      await again.program.stop();
    },
  );

  it('[UPNP-19] has one mapping, by the first protocol that the router speaks', async () => {
    const client = await start('auto');
    expect((await client.status()).portMapping).toMatchObject({ protocol: 'pcp' });
    expect(mappedPorts(home)).toHaveLength(1);
    await client.program.stop();
  });

  it.each(['pcp', 'nat-pmp', 'upnp'] as const)(
    '[UPNP-15][UPNP-04] by %s that was killed has its address again, and the router one mapping',
    async (protocol) => {
      const client = await start(protocol);
      await client.program.kill();
      expect(mappedPorts(home)).toHaveLength(1);
      const again = await start(protocol);
      expect(again.address).toBe(client.address);
      expect(mappedPorts(home)).toHaveLength(1);
      await again.program.stop();
      expect(mappedPorts(home)).toEqual([]);
    },
  );

  it('[UPNP-03][UPNP-15] beside another one with the same state directory has its port and address again', async () => {
    const startShared = async (...flags: readonly string[]) => {
      const shared = ['--port-mapping', 'pcp', '--state-directory', laboratory.file('state-shared')];
      const client = await startClient(laboratory, home.host, [...shared, ...flags]);
      onTestFinished(async () => void (await client.program.kill()));
      return client;
    };
    const otherFlags = ['--interface', 'teredo1', '--default-route', 'false'];
    const [first, other] = [await startShared(), await startShared(...otherFlags)];
    const portOf = async (client: NavalisClient) => (await client.status()).mapped?.port;
    const [port, otherPort] = [await portOf(first), await portOf(other)];
    await first.program.kill();
    const again = await startShared();
    expect(again.address).toBe(first.address);
    expect(new Set(mappedPorts(home))).toEqual(new Set([port, otherPort]));
    await other.program.stop();
    expect(mappedPorts(home)).toEqual([port]);
    const otherAgain = await startShared(...otherFlags);
    expect(otherAgain.address).toBe(other.address);
    expect(new Set(mappedPorts(home))).toEqual(new Set([port, otherPort]));
    await again.program.stop();
    await otherAgain.program.stop();
    expect(mappedPorts(home)).toEqual([]);
  });

  it('diagnose tells by which protocols the router maps a port, and leaves nothing', async () => {
    const said = async (...flags: readonly string[]) => {
      const { stdout } = await diagnose(home.host, '--json', '--native-target', 'none', ...flags);
      return (JSON.parse(stdout) as { portMapping: { router: string; protocols: readonly ProtocolSaid[] } })
        .portMapping;
    };
    const [{ router, protocols }, asked] = await Promise.all([said('--port-mapping', 'auto'), said()]);
    expect(protocols.map(({ protocol }) => protocol)).toEqual(['pcp', 'nat-pmp', 'upnp']);
    for (const each of protocols) {
      expect(each).toMatchObject({ finding: 'mapped', isNested: false, isRemoved: true });
      expect(each.external).toMatch(new RegExp(`^${home.publicAddress.replaceAll('.', '\\.')}:[0-9]+$`));
    }
    expect(asked.router).toBe(router);
    expect(asked.protocols.map(({ finding }) => finding)).toEqual(['speaks', 'speaks', 'speaks']);
    expect(mappedPorts(home)).toEqual([]);
  });

  it('[UPNP-15] whose state is lost leaves nothing either', async () => {
    const client = await start('pcp', 'lost');
    rmSync(laboratory.file('state-lost'), { recursive: true });
    await client.program.stop();
    expect(mappedPorts(home)).toEqual([]);
  });

  it('[HP-02] has its mapping again when the router restarts, which the router announces', async () => {
    const client = await start('auto');
    const [port] = mappedPorts(home);
    // Announcements are not followed sooner than 5 s after the last look.
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    await daemon.stop();
    home.router.run('nft', ['delete', 'table', 'inet', 'mappings']);
    daemon = await startMiniupnpd(laboratory, home);
    const startedAt = performance.now();
    const mappings = () => (mappedPorts(home).includes(port!) ? true : undefined);
    await client.program.until('its mapping', mappings, 30_000, 100);
    report(`router restarted: mapping again after ${Math.round(performance.now() - startedAt)} ms`);
    await client.program.line(/had forgotten the port mapping/);
    await reachUnasked(client, port!);
    expect((await client.status()).address).toBe(client.address);
    await client.program.stop();
  });
});

describe('a client behind a router that maps no ports', { timeout: 60_000 }, () => {
  let laboratory: Laboratory;
  let home: Home;
  let household: readonly Namespace[];

  beforeAll(async () => {
    laboratory = new Laboratory();
    const internet = new Internet(laboratory);
    await startServer(laboratory, internet.serverHost());
    home = internet.home();
    household = internet.household('host', 'neighbour');
  });

  afterAll(() => laboratory.close());

  function start(host: Namespace = home.host): Promise<NavalisClient> {
    return startMapped(laboratory, host, 'auto', 'auto');
  }

  it('[UPNP-17][UPNP-06] works without one, says why, and waits for it 3 s at most', async () => {
    const client = await start();
    const [sentence] = await client.program.line(/The router at .*/);
    expect(sentence).toContain(
      'The router at 192.168.1.1 does not answer PCP, NAT-PMP or UPnP: continuing without a port mapping.',
    );
    expect((await client.status()).portMapping).toBeUndefined();
    report(`mute router: address after ${Math.round(client.addressAfterMs)} ms`);
    await client.program.stop();
  });

  it.each<[Malice, string]>([
    ['wrong-answers', 'mapping-bad-address'],
    ['redirect', 'mapping-redirect'],
    ['endless-description', 'mapping-too-long'],
    ['slow-description', 'mapping-too-slow'],
  ])('[UPNP-18] and whose answers are hostile (%s) works without one, and counts them', async (malice, reason) => {
    const router = await startHostileRouter(laboratory, home.router, '192.168.1.1', malice);
    const client = await start();
    const counted = async () => (await client.status()).counters.drops[reason];
    const drops = await client.program.until(`drops for ${reason}`, counted, 10_000, 100);
    report(`${malice}: address after ${Math.round(client.addressAfterMs)} ms, ${drops} dropped as ${reason}`);
    expect((await client.status()).portMapping).toBeUndefined();
    await client.program.stop();
    await router.stop();
  });

  it('[UPNP-18] is not deceived by a neighbour, however often that one answers', async () => {
    const neighbour = await startHostileRouter(laboratory, household[1]!, '192.168.2.101', 'thousands-of-answers');
    const client = await start(household[0]);
    const counted = async () => (await client.status()).counters.drops['mapping-other-source'];
    const drops = await client.program.until('answers of the neighbour', counted, 10_000, 100);
    report(`neighbour: address after ${Math.round(client.addressAfterMs)} ms, ${drops} answers dropped`);
    expect(neighbour.output).not.toContain('page');
    expect((await client.status()).portMapping).toBeUndefined();
    await client.program.stop();
    await neighbour.stop();
  });
});

/** The finding of `diagnose --json` about a protocol. */
interface ProtocolSaid {
  readonly protocol: string;
  readonly finding: string;
  readonly external: string | null;
}

/** A client that asks its router by a protocol, and is gone at the end of the test. */
async function startMapped(
  laboratory: Laboratory,
  host: Namespace,
  protocol: string,
  state: string,
): Promise<NavalisClient> {
  const directory = laboratory.file(`state-${state}`);
  const client = await startClient(laboratory, host, ['--port-mapping', protocol, '--state-directory', directory]);
  onTestFinished(async () => void (await client.program.kill()));
  return client;
}
