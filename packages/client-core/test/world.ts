import { buildTeredoAddress, type Ipv4Endpoint, Ipv4Policy, type Ipv4Value, type Ipv6Value } from '@navalis/address';
import type { Engine, EngineLife, PortId, RandomSource } from '@navalis/engine';
import {
  type Origin,
  RecordingOutputs,
  receiveDatagram,
  type SentDatagram,
  seededRandom,
  takePacket,
} from '@navalis/engine/testing';
import type { TeredoServer } from '@navalis/qualification';
import { noExtensions } from '@navalis/traversal';
import { type ClientEngine, type ClientOptions, createClientEngine } from '../src/index.ts';
import { advertisementFor, endpoint, ipv4, ipv6, isSolicitation } from './packets.ts';

export const server: TeredoServer = { primary: ipv4('203.0.113.120'), secondary: ipv4('203.0.113.121') };
export const otherServer: TeredoServer = { primary: ipv4('198.51.100.118'), secondary: ipv4('198.51.100.119') };
export const mapped: Ipv4Endpoint = endpoint('192.0.2.1:4096');
export const policy: Ipv4Policy = new Ipv4Policy({ strictness: 'rfc4380' });
export const serverEndpoint: Ipv4Endpoint = { address: server.primary, port: 3544 };
export const native: Ipv6Value = ipv6('2a00:1450:4001::5');
export const relay: Ipv4Endpoint = endpoint('192.88.98.7:3544');

/** Another client: its address, its endpoint, its server. */
export interface Peer {
  readonly address: Ipv6Value;
  readonly endpoint: Ipv4Endpoint;
  readonly server: Ipv4Endpoint;
}

export function peerAt(where: string, flags = 0, itsServer: Ipv4Value = otherServer.primary): Peer {
  const at = endpoint(where);
  const address = buildTeredoAddress({ server: itsServer, flags, mapped: at, policy });
  if (address === undefined) throw new Error(`no peer can be at ${where}`);
  return { address, endpoint: at, server: { address: itsServer, port: 3544 } };
}

export const peer: Peer = peerAt('198.51.100.10:8192', 0x1234);

export interface Sent extends SentDatagram {
  readonly at: number;
}

/** A client of RFC 4380 unless its options say otherwise, a virtual clock, and servers that answer solicitations. Everything else the tests do by hand. */
export class World {
  now = 1000;
  readonly outputs: RecordingOutputs = new RecordingOutputs();
  readonly client: ClientEngine;
  /** The mapping that the server at an address sees; undefined: the server is silent. */
  mappingTowards: (address: Ipv4Value) => Ipv4Endpoint | undefined = () => mapped;
  /** The servers that answer. */
  answerers: readonly TeredoServer[] = [server, otherServer];
  /** Instead of the above, what the NAT shows for a port of the client. */
  mappingOf: ((portId: PortId) => Ipv4Endpoint) | undefined;
  /** Datagrams since the last look, without solicitations. */
  #sent: Sent[] = [];
  solicitations = 0;
  /** When solicitations left the service port. */
  readonly solicitationTimes: number[] = [];

  /** `random` is a seed, or the source itself. */
  constructor(options: Partial<ClientOptions> = {}, random: number | RandomSource = 7) {
    this.client = createClientEngine(
      { servers: [server], local: endpoint('10.0.0.2:49152'), policy, extensions: noExtensions, ...options },
      this.outputs,
      typeof random === 'number' ? seededRandom(random) : random,
    );
  }

  /** A world whose client has its address. */
  static qualified(options: Partial<ClientOptions> = {}, seed = 7): World {
    const world = new World(options, seed);
    world.start();
    return world;
  }

  start(): void {
    this.client.start(this.now);
    this.#settle();
  }

  get address(): Ipv6Value {
    const { address } = this.client.status();
    if (address === undefined) throw new Error('the client has no address');
    return address;
  }

  /** The last one that the client opened for data; the one that is open from the start before. */
  get servicePortId(): PortId {
    return this.outputs.openedPorts.findLast(({ carriesData }) => carriesData)?.id ?? 0;
  }

  pass(ms: number): void {
    const end = this.now + ms;
    this.#settle();
    for (let steps = 0; this.client.nextDeadline() <= end; steps++) {
      if (steps > 100_000) throw new Error('deadlines do not advance');
      this.now = Math.max(this.now, this.client.nextDeadline());
      this.client.handleDeadline(this.now);
      this.#settle();
    }
    this.now = end;
  }

  receive(datagram: Uint8Array, from: Origin): void {
    receiveDatagram(this.client, datagram, { portId: this.servicePortId, ...from }, this.now);
    this.#settle();
  }

  host(packet: Uint8Array): void {
    takePacket(this.client, packet, this.now);
    this.#settle();
  }

  sent(): Sent[] {
    return this.#sent.splice(0);
  }

  delivered(): Uint8Array[] {
    return this.outputs.takePackets();
  }

  dropsFor(reason: keyof ReturnType<EngineLife['status']>['counters']['drops']): number {
    return this.client.status().counters.drops[reason] ?? 0;
  }

  totalDrops(): number {
    return Object.values(this.client.status().counters.drops).reduce((sum, count) => sum + count, 0);
  }

  #settle(): void {
    for (let batch = this.outputs.takeDatagrams(); batch.length > 0; batch = this.outputs.takeDatagrams()) {
      for (const datagram of batch) this.#route(datagram);
    }
  }

  #route(datagram: SentDatagram): void {
    if (!isSolicitation(datagram.payload)) {
      this.#sent.push({ ...datagram, at: this.now });
      return;
    }
    this.solicitations++;
    const owner = this.answerers.find((each) => Object.values(each).includes(datagram.address))!;
    const { portId } = datagram;
    if (portId === this.servicePortId) this.solicitationTimes.push(this.now);
    const seen = this.mappingOf?.(portId) ?? this.mappingTowards(datagram.address);
    if (seen === undefined) return;
    const answer = advertisementFor(datagram.payload, owner.primary, seen);
    receiveDatagram(this.client as Engine, answer, { address: datagram.address, port: 3544, portId }, this.now);
  }
}

/** Returns true if a datagram went to an endpoint. */
export function isTo(sent: SentDatagram, to: Ipv4Endpoint): boolean {
  return sent.address === to.address && sent.port === to.port;
}
