import { LabError } from '../../src/lab-error.ts';
import type { Laboratory } from '../../src/laboratory.ts';
import { Internet } from '../../src/network/internet.ts';
import type { Carriage } from '../../src/network/link.ts';
import type { Namespace } from '../../src/network/namespace.ts';
import type { Place } from '../../src/network/place.ts';
import { publicHome } from '../../src/network/public-home.ts';
import { startMiniupnpd } from '../../src/programs/miniupnpd.ts';
import { type NavalisClient, startClient, startServer } from '../../src/programs/navalis.ts';
import { tcpMegabits } from '../../src/traffic/iperf.ts';
import { firstPing } from '../../src/traffic/ping.ts';
import type { PathMeasure } from './figures.ts';
import { type Direction, directions, type Step } from './path.ts';

/** The longest time to the first answer of a peer. */
const contactWithinMs = 20_000;

/** Packets of a measured stream that pass at the random port, super-segments or acknowledgements, at least. */
const packetsOfStream = 100;

const [plain, random] = ['TCP, service port', 'TCP, random port'] as const;
const [unmapped, mapped] = ['TCP, no mapping', 'TCP, UPnP mapping'] as const;

export const natMeasures: readonly PathMeasure[] = directions.flatMap((direction) => {
  const pair = (reference: string, other: string): readonly PathMeasure[] => [
    { name: `${reference} ${direction}`, unit: 'Mbit/s' },
    { name: `${other} ${direction}`, unit: 'Mbit/s', reference: `${reference} ${direction}` },
  ];
  return [...pair(plain, random), ...pair(unmapped, mapped)];
});

/**
 * Starts a client behind a port-restricted NAT, and three others: behind the same kind of NAT, behind a symmetric one that preserves
 * ports, where one end of the path is a random port, and behind a router that maps ports.
 */
export async function openNatPath(laboratory: Laboratory, carriage: Carriage): Promise<readonly Step[]> {
  const internet = new Internet(laboratory, carriage);
  await startServer(laboratory, internet.serverHost());
  const peer = await startClient(laboratory, internet.home().host);
  const other = await startClient(laboratory, internet.home().host);
  const home = internet.home('port-preserving-symmetric');
  const symmetric = await startClient(laboratory, home.host);
  const count = await countOtherPorts(home.router, symmetric);
  const routed = publicHome(internet);
  await startMiniupnpd(laboratory, routed);

  const stream = async (client: Place, direction: Direction, seconds: number): Promise<number> => {
    await firstPing(client.host, peer.address, contactWithinMs);
    const [from, to] = direction === 'up' ? [client, peer] : [peer, client];
    return tcpMegabits(laboratory, from.host, to, { seconds, warmUpSeconds: 1 });
  };
  const streamOfHome = async (flags: readonly string[], direction: Direction, seconds: number): Promise<number> => {
    // Each is a client of its own, with another port: the peer answers one that starts again only 20 times in 300 s (CL-B-09).
    const client = await startClient(laboratory, routed.host, flags);
    if (flags.length > 0 && (await client.status()).portMapping === undefined) throw new LabError('No mapping.');
    const megabits = await stream(client, direction, seconds);
    await client.program.stop();
    return megabits;
  };
  return directions.flatMap((direction): readonly Step[] => [
    [`${plain} ${direction}`, (seconds) => stream(other, direction, seconds)],
    [
      `${random} ${direction}`,
      async (seconds) => {
        const before = count();
        const megabits = await stream(symmetric, direction, seconds);
        if (count() - before < packetsOfStream) throw new LabError('The stream takes no random port.');
        return megabits;
      },
    ],
    [`${unmapped} ${direction}`, (seconds) => streamOfHome([], direction, seconds)],
    [`${mapped} ${direction}`, (seconds) => streamOfHome(['--port-mapping', 'upnp'], direction, seconds)],
  ]);
}

/** Has a router count the datagrams of a client at other ports than the service port; returns a function that tells how many. */
async function countOtherPorts(router: Namespace, client: NavalisClient): Promise<() => number> {
  const { local } = await client.status();
  router.run('nft', ['-f', '-'], {
    input: `
      table ip count {
        counter others { }
        chain forward {
          type filter hook forward priority -10;
          iifname "lan" udp sport != { ${local!.port}, 53 } counter name others
          oifname "lan" udp dport != { ${local!.port}, 53 } counter name others
        }
      }
    `,
  });
  return () => {
    const { stdout } = router.run('nft', ['list', 'counter', 'ip', 'count', 'others']);
    return Number(/packets (\d+)/.exec(stdout)?.[1]);
  };
}
