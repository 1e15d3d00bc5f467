import type { Milliseconds } from '@navalis/engine';
import type { ClientNode } from '../teredo/client-node.ts';
import { type Internet, internet } from '../teredo/internet.ts';
import { Pings } from './pings.ts';

const weekMs = 7 * 24 * 3_600_000;

export interface Week {
  /** Refreshes and their repeats, of all clients together. */
  readonly solicitations: number;
  /** Addresses that a client had and gave up. */
  readonly lost: number;
  /** Events at which a client said that its server is silent. */
  readonly silences: number;
  readonly packets: number;
}

/**
 * Time in which this share of what crosses the Internet gets lost each way: a client that nobody uses, one with two servers, and
 * two that exchange an echo each 20 s.
 */
export function lossyWeek(seed: number, loss: number, durationMs: Milliseconds = weekMs): Week {
  const net = internet({ seed });
  const servers = [net.server(), net.server()] as const;
  const [idle, careful, alice, bob] = [
    net.client({ name: 'idle', nat: 'port-restricted', server: servers[0] }),
    net.client({ name: 'careful', nat: 'port-restricted', server: servers }),
    net.client({ name: 'alice', nat: 'port-restricted', server: servers[0] }),
    net.client({ name: 'bob', nat: 'address-restricted', server: servers[1] }),
  ];
  const clients: readonly ClientNode[] = [idle, careful, alice, bob];
  net.until('all have an address', () => clients.every((client) => client.isQualified));
  net.loseShare(loss);
  const pings = new Pings(net, alice, bob, 20_000);
  net.run(durationMs);
  pings.stop();
  const count = (kind: string) => sum(clients.map(({ events }) => events.filter((each) => each.kind === kind).length));
  return {
    solicitations: sum(clients.map(({ status }) => status.counters.solicitationsSent)),
    lost: count('address-lost'),
    silences: count('server-unheard'),
    packets: net.traffic.sent,
  };
}

export interface DeafServer {
  readonly sent: number;
  readonly unanswered: number;
  /** Addresses that one of the two gave up. */
  readonly lost: number;
}

/** The share that gets lost on the way between the peers, each way. */
const peerLoss = 0.02;

/**
 * Two clients that know each other exchange an echo each second in both directions for so long, while this share of what goes
 * to their server, and of what it answers, gets lost. A little gets lost on their own path as well.
 */
export function deafServer(seed: number, loss: number, durationMs: Milliseconds): DeafServer {
  const net = internet({ seed });
  const server = net.server();
  const alice = net.client({ name: 'alice', nat: 'port-restricted', server });
  const bob = net.client({ name: 'bob', nat: 'port-restricted', server });
  const ready = meet(net, alice, bob);
  net.loseShare(peerLoss);
  server.suffer(loss);
  for (const pings of ready) pings.forget();
  net.run(durationMs);
  for (const pings of ready) pings.stop();
  net.run(1_000);
  const isLost = ({ kind }: { readonly kind: string }) => kind === 'address-lost';
  return {
    sent: sum(ready.map((pings) => pings.sent)),
    unanswered: sum(ready.map((pings) => pings.sent - pings.answered)),
    lost: [...alice.events, ...bob.events].filter(isLost).length,
  };
}

/** Until both reach each other; returns what goes on. */
function meet(net: Internet, alice: ClientNode, bob: ClientNode): readonly [Pings, Pings] {
  net.until('both have an address', () => alice.isQualified && bob.isQualified);
  const both = [new Pings(net, alice, bob), new Pings(net, bob, alice)] as const;
  net.until('the connection works', () => both.every((pings) => pings.isAnsweredSince(0)));
  return both;
}

/**
 * All that a client sends and receives gets lost for so long, and then nothing any more. Returns how long it takes from then
 * on until the client has an address again.
 * @throws Error when that takes more than half an hour.
 */
export function outageEnd(seed: number, durationMs: Milliseconds, serverCount: number): Milliseconds {
  const net = internet({ seed });
  const servers = Array.from({ length: serverCount }, () => net.server());
  const nat = net.nat({ kind: 'port-restricted', mappingLifetimeMs: 300_000 });
  const client = net.client({ nat, server: servers });
  net.until('the client has an address', () => client.isQualified);
  net.run(60_000 + (seed % 30) * 1000);
  net.loseShare(1);
  net.run(durationMs);
  net.loseShare(0);
  return net.until('the client has an address again', () => client.isQualified, 1_800_000);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
