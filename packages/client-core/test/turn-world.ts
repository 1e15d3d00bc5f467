import type { Ipv4Endpoint, Ipv6Value } from '@navalis/address';
import { createDatagramRun, pointRunAt } from '@navalis/engine';
import {
  RecordingOutputs,
  receiveDatagram,
  type SentDatagram,
  seededRandom,
  takePacket,
} from '@navalis/engine/testing';
import type { TeredoServer } from '@navalis/qualification';
import { allExtensions } from '@navalis/traversal';
import { stunMethods, type TurnServer } from '@navalis/turn';
import { FakeTurnServer } from '@navalis/turn/testing';
import { type ClientEngine, type ClientOptions, createRelayedClientEngine, type RelayedOptions } from '../src/index.ts';
import { advertisementFor, endpoint, isSolicitation } from './packets.ts';
import { otherServer, policy, server } from './world.ts';

export const turnServer: TurnServer = { endpoint: endpoint('198.51.100.40:3478'), transport: 'udp' };
export const otherTurnServer: TurnServer = { endpoint: endpoint('198.51.100.41:3478'), transport: 'udp' };
/** The first endpoint that the TURN server allocates. */
export const relayed: Ipv4Endpoint = endpoint('203.0.113.10:49152');

/** The mapped address of this host's NAT, which no peer sees. */
const nat = endpoint('192.0.2.50:50000');

/** A datagram that left the allocation. */
interface Relayed {
  readonly payload: Uint8Array;
  readonly to: Ipv4Endpoint;
}

/** A client behind a TURN server, under a virtual clock; Teredo servers answer solicitations through the allocation. */
export class TurnWorld {
  now = 1_000;
  readonly outputs: RecordingOutputs = new RecordingOutputs();
  readonly client: ClientEngine;
  readonly turn: FakeTurnServer;
  /** The TURN servers that answer. */
  alive: readonly TurnServer[] = [turnServer];
  /** Datagrams that left the allocation for others than Teredo servers' solicitations. */
  readonly #relayed: Relayed[] = [];
  /** Datagrams that left by sockets of the host for others than TURN servers. */
  readonly plain: SentDatagram[] = [];
  /** Teredo servers that were solicited, by primary or secondary address. */
  readonly solicited: number[] = [];
  /** TURN servers that were sent something. */
  readonly asked: number[] = [];
  readonly #toClient: { readonly payload: Uint8Array; readonly portId: number }[] = [];
  readonly #servers: readonly TeredoServer[] = [server, otherServer];

  constructor(options: Partial<ClientOptions> = {}, turn: Partial<RelayedOptions> = {}) {
    this.turn = new FakeTurnServer({
      toClient: (payload, { port }) => void this.#toClient.push({ payload, portId: port - nat.port }),
      toPeer: (payload, from, to) => this.#leave(payload, from, to),
    });
    this.client = createRelayedClientEngine(
      { servers: [server], local: endpoint('10.0.0.2:49152'), policy, extensions: allExtensions, ...options },
      {
        servers: [turnServer],
        credentials: { username: 'alice', password: 'secret' },
        upgradesPaths: false,
        ...turn,
      },
      this.outputs,
      seededRandom(5),
    );
  }

  /** A world whose client has its address. */
  static qualified(options: Partial<ClientOptions> = {}, turn: Partial<RelayedOptions> = {}): TurnWorld {
    const world = new TurnWorld(options, turn);
    world.start();
    return world;
  }

  get address(): Ipv6Value {
    return this.client.address!;
  }

  start(): void {
    this.client.start(this.now);
    this.settle();
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (let steps = 0; this.client.nextDeadline() <= end; steps++) {
      if (steps > 10_000) throw new Error('deadlines do not advance');
      this.now = Math.max(this.now, this.client.nextDeadline());
      this.client.handleDeadline(this.now);
      this.settle();
    }
    this.now = end;
  }

  /** The host sends a packet. */
  host(packet: Uint8Array): void {
    takePacket(this.client, packet, this.now);
    this.settle();
  }

  /** A peer sends to the relayed endpoint. */
  peerSends(payload: Uint8Array, from: Ipv4Endpoint): void {
    this.turn.receiveFromPeer(payload, this.client.status().turn!.relayed!, from, this.now);
    this.settle();
  }

  /** A datagram arrives at a port of the host: by default the one that local discovery sends from. */
  arrives(payload: Uint8Array, from: Ipv4Endpoint, portId = 0): void {
    receiveDatagram(this.client, payload, { ...from, portId }, this.now);
    this.settle();
  }

  /** Returns what left the allocation since the last call, without solicitations. */
  sent(): Relayed[] {
    return this.#relayed.splice(0);
  }

  /** Returns the number of requests of a method that the TURN server got since the last call. */
  requests(method: keyof typeof stunMethods): number {
    return this.turn.requests.splice(0).filter((each) => each === stunMethods[method]).length;
  }

  settle(): void {
    for (let round = 0; round < 1_000; round++) {
      const sent = this.outputs.takeDatagrams();
      for (const datagram of sent) this.#deliver(datagram);
      const back = this.#toClient.splice(0);
      for (const { payload, portId } of back) this.#give(payload, portId);
      if (sent.length === 0 && back.length === 0) return;
    }
    throw new Error('client and server answer each other for ever');
  }

  #deliver(datagram: SentDatagram): void {
    const { payload, address, port, portId } = datagram;
    const isTurn = [turnServer, otherTurnServer].some(({ endpoint: at }) => at.address === address && at.port === port);
    if (!isTurn) {
      this.plain.push(datagram);
      return;
    }
    this.asked.push(address);
    const isAlive = this.alive.some(({ endpoint: at }) => at.address === address);
    if (isAlive) this.turn.receive(payload, { address: nat.address, port: nat.port + portId }, this.now);
  }

  #leave(payload: Uint8Array, from: Ipv4Endpoint, to: Ipv4Endpoint): void {
    if (!isSolicitation(payload)) {
      this.#relayed.push({ payload, to });
      return;
    }
    this.solicited.push(to.address);
    const { primary } = this.#servers.find((each) => Object.values(each).includes(to.address))!;
    const answer = advertisementFor(payload, primary, from);
    this.turn.receiveFromPeer(answer, from, to, this.now);
  }

  #give(payload: Uint8Array, portId: number): void {
    if (this.outputs.closedPorts.includes(portId)) return;
    const run = createDatagramRun(payload.slice(), portId);
    pointRunAt(run, 0, payload.length);
    const from = this.client.status().turn!.server;
    run.sourceAddress = from.address;
    run.sourcePort = from.port;
    this.client.handleDatagrams(run, this.now);
  }
}
