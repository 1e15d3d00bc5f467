import { isIPv4, isIPv6 } from 'node:net';
import { parseIpv4Prefix } from '@navalis/address';
import { parseTurnUri, type TurnUri } from '@navalis/turn';
import { LabError } from '../../src/lab-error.ts';
import type { ServerOrder } from '../../src/load/settings.ts';
import { readFlags, wholeNumber } from '../command.ts';

export const help = `Usage: npm run load [-- FLAGS]

Starts many Teredo clients in one process, which get addresses, contact each other and a native host, and send echo requests through
servers, relays and TURN. Prints how long that took, what was lost, round trips, and memory and processor time of each program.

In a laboratory of network namespaces, with our server and relay; needs root:

  --clients N      clients (1000; at most 20000)
  --rate N         echo requests in a second, in all (5000)
  --seconds N      how long they are sent (10)
  --octets N       of a packet in the tunnel, 60 to 1280 (100)
  --peers N        other clients that each client contacts (1)
  --starts N       clients started in a second, and contacts opened in one (100)
  --order ORDER    the order in which each client tries its servers, as its key server-order says: listed, spread or fastest (spread)
  --servers N      servers, all of which each client knows (1; at most 16)
  --kill N         ends so many of the servers at the end, and waits until all clients are back
  --turn           through coturn: the service port of each client is an allocation
  --one-address    all clients use one IPv4 address, to which a server answers 50 solicitations in a second; others use another one
  --json           the result as JSON

Against servers of your own, from a host with an IPv4 address; needs no privilege:

  --server LIST    names or IPv4 addresses of servers, separated by commas
  --to LIST        IPv6 addresses of native hosts that answer pings, one of which each client contacts (none)
  --from LIST      own IPv4 addresses, which the clients use in turn (the one that routing chooses)
  --extra-global-ipv4 LIST  IPv4 ranges that count as global although reserved, for networks of your own
  --turn-uri URI   a TURN server, such as turn:turn.example.net, over UDP
  --turn-credentials FILE  one line with its user name and password, as USER:PASSWORD

and the flags above from --clients to --order (100 clients, 100 requests in a second; 10 starts) and --json. A server answers 50
solicitations in a second to one address, and 200 at once: to load it with more than some hundred clients, use several addresses.`;

/** The flags that both ways to run have. */
interface CommonFlags {
  readonly clients: number;
  readonly rate: number;
  readonly seconds: number;
  readonly packetOctets: number;
  readonly peers: number;
  readonly startsPerSecond: number;
  readonly serverOrder: ServerOrder;
  readonly json: boolean;
}

export interface LaboratoryFlags extends CommonFlags {
  readonly kind: 'laboratory';
  readonly servers: number;
  readonly kill: number;
  readonly turn: boolean;
  readonly oneAddress: boolean;
}

export interface OperatorFlags extends CommonFlags {
  readonly kind: 'operator';
  readonly servers: readonly string[];
  readonly hosts: readonly string[];
  readonly sources: readonly string[];
  readonly extraGlobalIpv4: readonly string[];
  readonly turnUri: TurnUri | undefined;
  readonly turnCredentials: string | undefined;
}

/** Returns the flags; undefined when help is asked for. @throws LabError for each mistake. */
export function flagsFrom(args: readonly string[]): LaboratoryFlags | OperatorFlags | undefined {
  const values = readFlags(args, options);
  if (values.help === true) return undefined;
  const isOperator = values.server !== undefined;
  const [misplaced] = (isOperator ? laboratoryOnly : operatorOnly).filter((name) => values[name] !== undefined);
  if (misplaced !== undefined) {
    throw new LabError(
      isOperator
        ? `--${misplaced} belongs to the laboratory, and --server loads servers of your own: leave one of them out.`
        : `--${misplaced} needs --server with the servers to load.`,
    );
  }
  const usual = isOperator ? { clients: 100, rate: 100, starts: 10 } : { clients: 1_000, rate: 5_000, starts: 100 };
  const clients = whole('clients', values.clients, usual.clients, [1, 20_000]);
  const common: CommonFlags = {
    clients,
    rate: whole('rate', values.rate, usual.rate, [0, 100_000]),
    seconds: whole('seconds', values.seconds, 10, [1, 86_400]),
    packetOctets: whole('octets', values.octets, 100, [60, 1280]),
    peers: whole('peers', values.peers, 1, [0, 8]),
    startsPerSecond: whole('starts', values.starts, usual.starts, [1, 10_000]),
    serverOrder: orderFrom(values.order),
    json: values.json === true,
  };
  if (!isOperator) {
    const servers = whole('servers', values.servers, 1, [1, 16]);
    return {
      kind: 'laboratory',
      ...common,
      servers,
      kill: whole('kill', values.kill, 0, [0, servers - 1]),
      turn: values.turn === true,
      oneAddress: values['one-address'] === true,
    };
  }
  return {
    kind: 'operator',
    ...common,
    servers: list('server', values.server, () => true, 'names or IPv4 addresses'),
    hosts: list('to', values.to, isIPv6, 'IPv6 addresses'),
    sources: list('from', values.from, isIPv4, 'IPv4 addresses'),
    extraGlobalIpv4: list('extra-global-ipv4', values['extra-global-ipv4'], isIpv4Range, 'IPv4 ranges'),
    turnUri: turnUriFrom(values['turn-uri']),
    turnCredentials: values['turn-credentials'],
  };
}

const laboratoryOnly = ['servers', 'kill', 'turn', 'one-address'] as const;
const isIpv4Range = (text: string) => parseIpv4Prefix(text) !== undefined;

const operatorOnly = ['to', 'from', 'extra-global-ipv4', 'turn-uri', 'turn-credentials'] as const;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const options = {
  ...{ clients: text, rate: text, seconds: text, octets: text, peers: text, starts: text, order: text, json: flag },
  ...{ servers: text, kill: text, turn: flag, 'one-address': flag },
  ...{ server: text, to: text, from: text, 'extra-global-ipv4': text },
  ...{ 'turn-uri': text, 'turn-credentials': text, help: flag },
} as const;

function whole(name: string, text: string | undefined, usual: number, range: readonly [number, number]): number {
  return text === undefined ? usual : wholeNumber(name, text, range);
}

function list(
  name: string,
  text: string | undefined,
  isGood: (element: string) => boolean,
  kind: string,
): readonly string[] {
  if (text === undefined) return [];
  const elements = text.split(',');
  const bad = elements.find((element) => element === '' || !isGood(element));
  if (bad !== undefined)
    throw new LabError(`--${name} names "${bad}"; it must be a list of ${kind}, separated by commas.`);
  return elements;
}

function orderFrom(text: string = 'spread'): ServerOrder {
  if (text === 'listed' || text === 'spread' || text === 'fastest') return text;
  throw new LabError(`--order is "${text}"; it must be "listed", "spread" or "fastest".`);
}

function turnUriFrom(text: string | undefined): TurnUri | undefined {
  if (text === undefined) return undefined;
  const uri = parseTurnUri(text);
  if (uri?.transport === 'udp') return uri;
  throw new LabError(`--turn-uri is "${text}"; it must name a TURN server over UDP, such as turn:turn.example.net.`);
}
