import type { Laboratory } from '../laboratory.ts';
import { dualStackIpv6Address, webIpv6Address } from '../network/address-plan.ts';
import { type Home, Internet } from '../network/internet.ts';
import type { Carriage } from '../network/link.ts';
import type { Namespace } from '../network/namespace.ts';
import type { NamedPlace } from '../network/place.ts';
import { startMiredoClient } from '../programs/miredo.ts';
import { miredoObstacle } from '../programs/miredo-files.ts';
import {
  type Navalis,
  type NavalisClient,
  startClient,
  startHostRelay,
  startRelay,
  startServer,
} from '../programs/navalis.ts';
import type { Terminal } from './terminal.ts';

/** The machines of the demonstration, before anything runs on them. */
export interface Scene {
  readonly laboratory: Laboratory;
  readonly internet: Internet;
  readonly server: Namespace;
  readonly relay: Namespace;
  readonly dualStack: NamedPlace;
  readonly web: NamedPlace;
  readonly homes: readonly [Home, Home, Home];
  readonly symmetricHome: Home;
}

/** The running programs. */
export interface Cast {
  readonly programs: readonly Navalis[];
  readonly clients: readonly [NavalisClient & NamedPlace, NavalisClient & NamedPlace];
  readonly miredo: NamedPlace | undefined;
}

export function buildScene(laboratory: Laboratory, carriage: Carriage): Scene {
  const internet = new Internet(laboratory, carriage);
  return {
    laboratory,
    internet,
    server: internet.serverHost(),
    relay: internet.relayHost(),
    dualStack: { name: 'dual-stack', host: internet.dualStackHost(), address: dualStackIpv6Address },
    web: { name: 'web', host: internet.webHost(), address: webIpv6Address },
    homes: [internet.home(), internet.home(), internet.home()],
    symmetricHome: internet.home('port-symmetric'),
  };
}

export function drawScene(terminal: Terminal): void {
  for (const line of drawing) terminal.line(line);
}

const drawing: readonly string[] = [
  '    web: IPv6 only   2d00:0:0:2::80',
  '       |',
  '    ===+==== Internet: one router, three networks, all of it in namespaces ======================',
  '       |              |                |                |          |           |          |',
  '    server          relay            dual-stack       NAT 1      NAT 2       NAT 3      NAT 4',
  '    198.51.100.10   198.51.100.20    198.51.100.30    restricted restricted  restricted symmetric',
  '    198.51.100.11   2d00:0:0:1::20   2d00:0:0:1::30     |          |           |          |',
  '    teredo-server   teredo-relay     teredo-host-relay client-1  client-2   client-3   client-4',
  '                                                       ours      ours       miredo     ours',
  '    NAT n is 203.0.113.(10+n) outside and 192.168.n.1 inside; client-n is 192.168.n.100.',
];

/** Starts the four roles, two of our clients and, if it can run, miredo as a third. */
export async function startCast(terminal: Terminal, scene: Scene): Promise<Cast> {
  const { laboratory } = scene;
  const server = await startServer(laboratory, scene.server);
  terminal.done('teredo-server answers on 198.51.100.10 and 198.51.100.11');
  const relay = await startRelay(laboratory, scene.relay);
  terminal.done('teredo-relay connects 2001::/32 and the IPv6 Internet');
  const hostRelay = await startHostRelay(laboratory, scene.dualStack.host);
  terminal.done('teredo-host-relay serves the host dual-stack alone, which needs no relay any more');
  const first = await startPlace(laboratory, scene.homes[0], 'client-1');
  const second = await startPlace(laboratory, scene.homes[1], 'client-2');
  const clients = [first, second] as const;
  for (const client of clients) {
    terminal.done(
      `teredo-client on ${client.name} has its address ${client.addressAfterMs.toFixed(0)} ms after its start`,
    );
  }
  const miredo = await startMiredo(laboratory, scene.homes[2], terminal);
  return { programs: [server, relay, hostRelay, ...clients], clients, miredo };
}

async function startPlace(laboratory: Laboratory, home: Home, name: string): Promise<NavalisClient & NamedPlace> {
  return { ...(await startClient(laboratory, home.host)), name };
}

async function startMiredo(laboratory: Laboratory, home: Home, terminal: Terminal): Promise<NamedPlace | undefined> {
  const obstacle = miredoObstacle();
  if (obstacle !== undefined) {
    terminal.note(`without miredo as a peer: ${obstacle}`);
    return undefined;
  }
  const { address } = await startMiredoClient(laboratory, home.host);
  terminal.done('miredo, another implementation, is a client of our server on client-3');
  return { name: 'client-3 (miredo)', host: home.host, address };
}
