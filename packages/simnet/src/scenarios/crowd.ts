import { supportedNatKinds } from '@navalis/nat';
import type { Ping } from '../hosts/ipv6-host.ts';
import type { ClientNode } from '../teredo/client-node.ts';
import { internet } from '../teredo/internet.ts';

export interface Crowd {
  readonly clients: number;
  readonly qualified: number;
  readonly pings: number;
  readonly answered: number;
  readonly events: number;
  /** Datagrams and native packets that were sent, each stretch between two NATs counted. */
  readonly packets: number;
  readonly virtualMs: number;
}

const relayCount = 4;
/** Each client talks to three others. */
const smallCapacity = { peerCapacity: 16, queueCapacity: 16 };

const startMs = 60_000;
const pingMs = 60_000;
const restMs = 180_000;

/**
 * So many clients behind NATs of all supported kinds on one server, with 4 relays: they start within a minute, ping
 * somebody else and a native host in the next one, and keep their addresses for three more.
 */
export function crowd(clients: number, seed: number): Crowd {
  const net = internet({ seed });
  const server = net.server();
  const relays = Array.from({ length: relayCount }, () => net.relay());
  const hosts = relays.map((relay) => net.nativeHost({ relay }));
  const people: ClientNode[] = [];
  for (let index = 0; index < clients; index++) {
    const nat = supportedNatKinds[index % supportedNatKinds.length]!;
    const client = net.client({ nat, server, stopped: true, options: smallCapacity });
    people.push(client);
    net.clock.after((index / clients) * startMs, () => client.start());
  }
  net.run(startMs + 1000);

  const pings: Ping[] = [];
  people.forEach((client, index) => {
    // Every client has a part in two exchanges with others, and in one with a host.
    const other = people[(index + 1 + Math.floor(clients / 2)) % clients]!;
    const host = hosts[index % hosts.length]!;
    net.clock.after((index / clients) * pingMs, () => void pings.push(client.ping(other), client.ping(host)));
  });
  net.run(pingMs + restMs);
  return {
    clients,
    qualified: people.filter((client) => client.isQualified).length,
    pings: pings.length,
    answered: pings.filter((ping) => ping.answeredAt !== undefined).length,
    events: net.clock.events,
    packets: net.traffic.sent,
    virtualMs: net.now,
  };
}
