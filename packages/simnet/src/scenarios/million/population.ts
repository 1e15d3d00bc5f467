import { embeddedAddress, embeddedPort, type Ipv4Value } from '@navalis/address';
import type { EngineEvent, Milliseconds } from '@navalis/engine';
import type { NatKind } from '@navalis/nat';
import type { NativeHost } from '../../hosts/native-host.ts';
import type { Nat } from '../../nat/nat.ts';
import type { ClientNode } from '../../teredo/client-node.ts';
import { type Internet, internet } from '../../teredo/internet.ts';
import type { RelayNode } from '../../teredo/relay-node.ts';
import type { ServerNode } from '../../teredo/server-node.ts';

/** How large a fleet is, and how many clients it has. */
export interface FleetSize {
  readonly clients: number;
  readonly servers: number;
  readonly relays: number;
  /** All clients start within this time. */
  readonly startMs: Milliseconds;
  /** Every so-many-th client has traffic. */
  readonly talkers: number;
}

/** The kinds of NAT in turn. All give another external port after a reboot, so that a recovery can be seen. */
const kinds: readonly NatKind[] = [
  'cone',
  'address-restricted',
  'port-restricted',
  'port-symmetric',
  'port-restricted',
];

/** Each client has its own order of servers, and one that has traffic talks to one or two others. */
const options = { serverOrder: 'spread', peerCapacity: 8, queueCapacity: 4 } as const;

/** No server. */
const nobody = 0;

/** A virtual Internet with a fleet of servers and relays, and clients behind a NAT each, which spread over the servers. */
export class Population {
  readonly net: Internet;
  /** One function for all clients. */
  readonly #follow = (event: EngineEvent, index: number): void => {
    if (event.kind === 'address-assigned') this.#recordServer(index, event.server, this.net.now);
    else if (event.kind === 'address-lost') this.#recordServer(index, nobody, -1);
  };
  readonly servers: readonly ServerNode[];
  readonly relays: readonly RelayNode[];
  /** One host beside each relay. */
  readonly hosts: readonly NativeHost[];
  readonly clients: ClientNode[] = [];
  readonly nats: Nat[] = [];
  /** When each client started, and when it last got an address; -1 if it did not yet. */
  readonly startedAt: Float64Array;
  readonly assignedAt: Float64Array;
  /** The primary address of the server of each client's address; 0 without one. */
  readonly serverOf: Float64Array;
  /** Addresses that were lost, in all. */
  lost = 0;
  qualified = 0;

  constructor({ clients, servers, relays }: FleetSize, seed: number) {
    this.net = internet({ seed });
    this.servers = Array.from({ length: servers }, () => this.net.server());
    this.relays = Array.from({ length: relays }, () => this.net.relay());
    this.hosts = this.relays.map((relay) => this.net.nativeHost({ relay }));
    this.startedAt = new Float64Array(clients).fill(-1);
    this.assignedAt = new Float64Array(clients).fill(-1);
    this.serverOf = new Float64Array(clients);
    for (let index = 0; index < clients; index++) this.#addClient(index);
  }

  /** Starts a client. */
  start(index: number): void {
    this.startedAt[index] = this.net.now;
    this.clients[index]!.start();
  }

  /** Returns true while the NAT of a client has the mapping that the client's address embeds. */
  isMapped(index: number): boolean {
    const address = this.clients[index]!.address;
    if (address === undefined) return false;
    return this.nats[index]!.isMapped({ address: embeddedAddress(address), port: embeddedPort(address) });
  }

  /** Returns the indices of the clients for which the condition holds. */
  which(condition: (index: number) => boolean): number[] {
    const found: number[] = [];
    for (let index = 0; index < this.clients.length; index++) if (condition(index)) found.push(index);
    return found;
  }

  #addClient(index: number): void {
    // Short names: they take part of the memory of a client.
    const nat = this.net.nat({ kind: kinds[index % kinds.length]!, name: `n${index}`, insideIsImmediate: true });
    this.nats.push(nat);
    this.clients.push(
      this.net.client({
        name: `c${index}`,
        nat,
        server: this.servers,
        stopped: true,
        options,
        follow: this.#follow,
        mark: index,
      }),
    );
  }

  #recordServer(index: number, server: Ipv4Value, now: Milliseconds): void {
    const had = this.serverOf[index] !== nobody;
    const has = server !== nobody;
    if (had) this.qualified--;
    if (has) this.qualified++;
    else this.lost++;
    this.serverOf[index] = server;
    this.assignedAt[index] = now;
  }
}
