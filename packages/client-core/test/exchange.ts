import {
  type Ipv4Endpoint,
  type Ipv4Value,
  type Ipv6Value,
  ipv4EndpointEquals,
  mappedAddressOfWord,
  mappedPortOfWord,
  readUint32,
} from '@navalis/address';
import type { PortId } from '@navalis/engine';
import {
  RecordingOutputs,
  receiveDatagram,
  type SentDatagram,
  seededRandom,
  takePacket,
} from '@navalis/engine/testing';
import type { TeredoServer } from '@navalis/qualification';
import { allExtensions, type Extensions } from '@navalis/traversal';
import { type ClientEngine, createClientEngine } from '../src/index.ts';
import {
  advertisementFor,
  dataPacket,
  destinationOf,
  endpoint,
  isSolicitation,
  sourceOf,
  withOrigin,
} from './packets.ts';
import { otherServer, policy, server } from './world.ts';

/** The NAT of a site. */
export interface SiteNat {
  /** The destinations that share a mapping. */
  readonly maps: 'all' | 'by-destination' | 'by-destination-and-address';
  /** The senders that a mapping lets in. */
  readonly admits: 'all' | 'address' | 'endpoint';
  /** Forwards everything for the endpoint that the server's primary address sees to the client. */
  readonly forwards?: boolean;
  /** Whether the first mapping of each local port keeps its number; others are numbered in sequence. */
  readonly keepsPorts?: boolean;
}

export const cone: SiteNat = { maps: 'all', admits: 'all' };
export const addressRestricted: SiteNat = { maps: 'all', admits: 'address' };
export const portRestricted: SiteNat = { maps: 'all', admits: 'endpoint' };
export const portSymmetric: SiteNat = { maps: 'by-destination', admits: 'endpoint' };
export const portPreserving: SiteNat = { ...portSymmetric, keepsPorts: true };
export const addressSymmetric: SiteNat = { maps: 'by-destination-and-address', admits: 'endpoint' };
export const forwardingSymmetric: SiteNat = { ...portSymmetric, forwards: true };

interface Mapping {
  readonly outer: Ipv4Endpoint;
  readonly by: Ipv4Endpoint;
  readonly opened: Ipv4Endpoint[];
  readonly portId: PortId;
}

/** A client and its NAT. */
export class Site {
  readonly name: string;
  readonly outputs: RecordingOutputs = new RecordingOutputs();
  readonly client: ClientEngine;
  readonly #nat: SiteNat;
  readonly #outer: Ipv4Endpoint;
  #mapped = 0;
  readonly #mappings: Mapping[] = [];

  constructor(
    name: string,
    nat: SiteNat,
    outer: string,
    options: { readonly server: TeredoServer; readonly extensions: Extensions },
  ) {
    this.name = name;
    this.#nat = nat;
    this.#outer = endpoint(outer);
    const { server: itsServer, extensions } = options;
    this.client = createClientEngine(
      { servers: [itsServer], local: endpoint('10.0.0.2:5000'), policy, extensions },
      this.outputs,
      seededRandom(name.charCodeAt(0)),
    );
    if (nat.forwards === true) this.client.portMapped(this.#outer, 0);
  }

  get address(): Ipv6Value {
    return this.client.status().address!;
  }

  /** Returns the outer endpoint that a datagram for this destination has. */
  map(to: Ipv4Endpoint, portId: PortId): Ipv4Endpoint {
    const { maps, keepsPorts } = this.#nat;
    const ofPort = this.#mappings.filter((each) => each.portId === portId);
    const found = ofPort.find(({ by }) => maps === 'all' || ipv4EndpointEquals(by, to));
    if (found !== undefined) {
      found.opened.push(to);
      return found.outer;
    }
    if (keepsPorts === true && ofPort.length === 0) {
      const outer = { address: this.#outer.address, port: this.portOf(portId) };
      this.#mappings.push({ outer, by: to, opened: [to], portId });
      return outer;
    }
    const number = this.#mapped++;
    const step = maps === 'by-destination-and-address' ? number : 0;
    const outer = { address: this.#outer.address + step, port: this.#outer.port + number };
    this.#mappings.push({ outer, by: to, opened: [to], portId });
    return outer;
  }

  /** Returns the number of a local port. */
  portOf(portId: PortId): number {
    return this.outputs.openedPorts.find(({ id }) => id === portId)?.port ?? 5000;
  }

  /** Returns the port behind an outer endpoint; undefined if nothing is mapped there. */
  behind(to: Ipv4Endpoint): PortId | undefined {
    return this.#mappings.find(({ outer }) => ipv4EndpointEquals(outer, to))?.portId;
  }

  admits(to: Ipv4Endpoint, from: Ipv4Endpoint): boolean {
    const { admits, forwards } = this.#nat;
    if (forwards === true && ipv4EndpointEquals(to, this.#outer)) return true;
    const { opened } = this.#mappings.find(({ outer }) => ipv4EndpointEquals(outer, to))!;
    return opened.some(({ address, port }) => {
      if (admits === 'all') return true;
      return address === from.address && (admits === 'address' || port === from.port);
    });
  }

  /** Forgets all mappings but those towards servers, as after minutes of silence. */
  forget(): void {
    const towardsServers = this.#mappings.filter(({ by }) => by.port === 3544);
    this.#mappings.splice(0, Number.POSITIVE_INFINITY, ...towardsServers);
  }
}

/** How an exchange is set up. */
export interface ExchangeOptions {
  readonly extensions?: Extensions;
  /** The server of B; that of A by default. */
  readonly second?: TeredoServer;
}

/** Two clients behind NATs, A and B, with their servers; no delay, and a trace of all bubbles. */
export class Exchange {
  now = 0;
  readonly a: Site;
  readonly b: Site;
  /** Datagrams that match are lost. */
  loses: (from: Site, sent: SentDatagram) => boolean = () => false;
  #trace: string[] = [];
  readonly #nonces: number[] = [];

  constructor(a: SiteNat, b: SiteNat, { extensions = allExtensions, second = otherServer }: ExchangeOptions = {}) {
    this.a = new Site('A', a, '192.0.2.1:4096', { server, extensions });
    this.b = new Site('B', b, '198.51.100.10:8192', { server: second, extensions });
    for (const site of this.#sites) site.client.start(this.now);
    this.#settle();
  }

  /** Sends a packet of the host. */
  send(from: Site, to: Site, mark = 1): void {
    takePacket(from.client, dataPacket(from.address, to.address, mark), this.now);
    this.#settle();
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = Math.min(...this.#sites.map((site) => site.client.nextDeadline()));
      if (next > end) break;
      this.now = Math.max(this.now, next);
      for (const site of this.#sites) site.client.handleDeadline(this.now);
      this.#settle();
    }
    this.now = end;
  }

  /** Returns the bubbles since the last call: sender, way, trailers, and whether they were lost. Nonces are numbered. */
  bubbles(): string[] {
    return this.#trace.splice(0);
  }

  /** Returns the marks of the packets that the site's host got since the last call. */
  received(site: Site): number[] {
    return site.outputs.takePackets().map((packet) => packet[40]!);
  }

  get #sites(): readonly [Site, Site] {
    return [this.a, this.b];
  }

  #settle(): void {
    for (let moved = 1, total = 0; moved > 0; total += moved) {
      if (total > 1000) throw new Error('the two never fall silent');
      moved = 0;
      for (const site of this.#sites) {
        for (const sent of site.outputs.takeDatagrams()) {
          moved++;
          this.#carry(site, sent);
        }
      }
    }
  }

  #carry(from: Site, sent: SentDatagram): void {
    const source = from.map(sent, sent.portId);
    const port = sent.portId === 0 ? [] : ['random'];
    const owner = [server, otherServer].find((each) => Object.values(each).includes(sent.address));
    if (isSolicitation(sent.payload)) {
      const which = sent.address === owner!.primary ? 'primary' : 'secondary';
      if (sent.portId !== 0) this.#trace.push(`${from.name} random solicits ${which}`);
      const answer = advertisementFor(sent.payload, owner!.primary, source);
      this.#arrive(source, answer, { address: sent.address, port: 3544 });
      return;
    }
    const isIndirect = owner !== undefined;
    const trailers = this.#trailersOf(sent.payload);
    const isArrived = !this.loses(from, sent) && this.#deliver(sent, source, owner?.primary);
    if (sent.payload[6] !== 59) return;
    this.#trace.push(
      [from.name, ...port, isIndirect ? 'indirect' : 'direct', ...trailers, ...(isArrived ? [] : ['lost'])].join(' '),
    );
  }

  #deliver(sent: SentDatagram, source: Ipv4Endpoint, primary: Ipv4Value | undefined): boolean {
    if (primary !== undefined) return this.#forward(sent.payload, source, primary);
    return this.#arrive(sent, sent.payload, source);
  }

  /** As servers do that accept another port at the embedded address (SV-R-07). */
  #forward(packet: Uint8Array, source: Ipv4Endpoint, primary: Ipv4Value): boolean {
    if (mappedAddressOfWord(sourceOf(packet).word3) !== source.address) return false;
    const { word1, word2, word3 } = destinationOf(packet);
    const to = { address: mappedAddressOfWord(word3), port: mappedPortOfWord(word2) };
    return this.#arrive(to, word1 === primary ? withOrigin(packet, source) : packet, { address: primary, port: 3544 });
  }

  #arrive(to: Ipv4Endpoint, datagram: Uint8Array, from: Ipv4Endpoint): boolean {
    const site = this.#sites.find((each) => each.behind(to) !== undefined);
    const portId = site?.behind(to);
    if (site === undefined || portId === undefined || !site.admits(to, from)) return false;
    if (site.outputs.closedPorts.includes(portId)) return false;
    receiveDatagram(site.client, datagram, { ...from, portId }, this.now);
    return true;
  }

  #trailersOf(packet: Uint8Array): string[] {
    const found: string[] = [];
    for (let at = 40; packet[6] === 59 && at < packet.length; at += 2 + packet[at + 1]!) {
      const [type, value] = [packet[at]!, packet.subarray(at + 2)];
      if (type === 1) found.push(this.#nameOf(readUint32(value, 0)));
      else if (type === 3) found.push('alternates');
      else if (type === 4) found.push(value[0] === 0 ? 'solicitation' : 'advertisement');
      else if (type === 5) found.push(`port${(value[0]! << 8) | value[1]!}`);
      else found.push(`trailer ${type}`);
    }
    return found;
  }

  #nameOf(nonce: number): string {
    if (!this.#nonces.includes(nonce)) this.#nonces.push(nonce);
    return `nonce${this.#nonces.indexOf(nonce) + 1}`;
  }
}
