import {
  embeddedAddress,
  embeddedPort,
  type Ipv4Endpoint,
  Ipv4Policy,
  type Ipv6Value,
  ipv6Equals,
  isTeredo,
  parseIpv4,
  parseIpv6,
  readIpv6,
  serverLinkLocal,
} from '@navalis/address';
import { seededRandom } from '@navalis/engine/testing';
import {
  BubbleTrailers,
  bubbleLength,
  DatagramLayout,
  destinationOffset,
  icmpv6TypeOf,
  isBubble,
  isEchoRequest,
  isIcmpv6,
  maximumTrailersLength,
  readDatagram,
  sourceOffset,
  writeBubble,
  writeEchoReplyInPlace,
  writeNonceAuthentication,
  writeNonceTrailer,
} from '@navalis/wire';
import { RouterAdvertisementTemplate, writeOriginIndication } from '@navalis/wire/server';
import { type Findings, NatProbe, type Stage, socketsNeeded } from '../src/index.ts';

export const primary: number = parseIpv4('198.51.100.10')!;
export const secondary: number = parseIpv4('198.51.100.11')!;
export const relay: Ipv4Endpoint = { address: parseIpv4('198.51.100.20')!, port: 4000 };
const target: Ipv6Value = parseIpv6('2a00:1450::80')!;
const relayAddress: Ipv6Value = parseIpv6('2a00:1450::20')!;
const outside = parseIpv4('203.0.113.9')!;

export interface Datagram {
  readonly socket: number;
  readonly payload: Uint8Array;
  /** The other end. */
  readonly remote: Ipv4Endpoint;
  readonly at: number;
  readonly stage: string;
}

export interface WorldOptions {
  readonly nat?: 'none' | 'cone' | 'address-restricted' | 'port-restricted' | 'symmetric';
  /** A sender that comes first gets another port. */
  readonly displaces?: boolean;
  readonly hairpins?: boolean;
  readonly lifetimeMs?: number;
  readonly hasRelay?: boolean;
  /** The nonce in the relay's bubbles, which answers must bring back; 0: none. */
  readonly relayNonce?: number;
  readonly symmetricNatSupport?: boolean;
  readonly lifetimeLimitSeconds?: number;
  readonly nativeTarget?: Ipv6Value | undefined;
  readonly otherNativeTarget?: Ipv6Value;
  /** A native host from which nothing comes back. */
  readonly silentHost?: Ipv6Value;
  /** Returns false for a datagram of the host that is lost. */
  readonly sends?: (datagram: Datagram) => boolean;
  /** Returns the datagrams that reach the host instead, each from its endpoint; by default the datagram itself. */
  readonly receives?: (datagram: Datagram) => readonly Pick<Datagram, 'payload' | 'remote'>[];
  /** The mapped address in a stage; 203.0.113.9 by default. */
  readonly outsideIn?: (stage: string) => number;
  /** The prefix that each address of the server advertises. */
  readonly prefixes?: Readonly<Record<number, number>>;
}

/** One way, and how long a thing takes between two ends. */
const latencyMs = 10;

interface Mapping {
  readonly port: number;
  readonly contacted: Map<string, number>;
  usedAt: number;
}

/** A probe's host behind a NAT, a server, and a relay before a native host; all in virtual time. */
export class World {
  readonly sent: Datagram[] = [];
  readonly stages: [Stage, number][] = [];
  readonly probe: NatProbe;
  now = 0;
  readonly #options: WorldOptions;
  readonly #events: { at: number; act: () => void }[] = [];
  readonly #mappings = new Map<string, Mapping>();
  readonly #inputs = new Set<string>();
  readonly #layout = new DatagramLayout();
  #ports = 20_000;
  #isRelayTrusted = false;
  #waiting: Uint8Array[] = [];

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    const { lifetimeLimitSeconds = 0, symmetricNatSupport = false, otherNativeTarget } = options;
    const count = socketsNeeded(lifetimeLimitSeconds);
    const address = options.nat === 'none' ? outside : parseIpv4('192.168.1.5')!;
    const locals = Array.from({ length: count }, (_, socket) => ({ address, port: 50_000 + socket }));
    const policy = new Ipv4Policy({ strictness: 'rfc4380' });
    const nativeTarget = 'nativeTarget' in options ? options.nativeTarget : target;
    this.probe = new NatProbe(
      {
        primary,
        secondary,
        policy,
        locals,
        nativeTarget,
        otherNativeTarget,
        lifetimeLimitSeconds,
        symmetricNatSupport,
      },
      {
        send: (socket, payload, to) => this.#leave(socket, payload.slice(), to),
        stageDone: (stage, _: Findings, now) => void this.stages.push([stage, now]),
        random: seededRandom(7),
      },
    );
  }

  /** Runs the probe to its end, or until the condition holds. */
  run(until: () => boolean = () => this.probe.isDone): this {
    if (this.probe.stage === 'initial') this.probe.start(this.now);
    for (let steps = 0; !until(); steps++) {
      if (steps > 100_000) throw new Error(`stuck in ${this.probe.stage}`);
      this.#events.sort((one, other) => one.at - other.at);
      const due = Math.min(this.#events[0]?.at ?? Number.POSITIVE_INFINITY, this.probe.nextDeadline());
      if (due === Number.POSITIVE_INFINITY) throw new Error(`nothing left to do in ${this.probe.stage}`);
      this.now = Math.max(this.now, due);
      if (this.#events[0]?.at === due) this.#events.shift()!.act();
      else this.probe.handleDeadline(this.now);
    }
    return this;
  }

  /** Returns the datagrams sent in a stage. */
  sentIn(stage: string): readonly Datagram[] {
    return this.sent.filter((datagram) => datagram.stage === stage);
  }

  #after(act: () => void): void {
    this.#events.push({ at: this.now + latencyMs, act });
  }

  #leave(socket: number, payload: Uint8Array, remote: Ipv4Endpoint): void {
    const datagram = { socket, payload, remote, at: this.now, stage: this.probe.stage };
    this.sent.push(datagram);
    if (this.#options.sends?.(datagram) === false) return;
    const from = this.#map(socket, remote);
    if (remote.address === outside && this.#options.nat !== 'none') {
      if (this.#options.hairpins === true) this.#after(() => this.#enter(from, remote.port, payload));
      return;
    }
    this.#after(() => this.#reach(remote, from, payload));
  }

  /** The mapped endpoint of what a socket sends to a remote one. */
  #map(socket: number, remote: Ipv4Endpoint): Ipv4Endpoint {
    const { nat = 'port-restricted', displaces, lifetimeMs = 1e9 } = this.#options;
    if (nat === 'none') return { address: outside, port: 50_000 + socket };
    const towards = `${socket}>${remote.address}:${remote.port}`;
    let key = nat === 'symmetric' ? towards : `${socket}`;
    const usual = this.#mappings.get(key);
    if (displaces === true && usual && this.#inputs.has(`${usual.port}<${remote.address}:${remote.port}`))
      key = towards;
    let mapping = this.#mappings.get(key);
    if (mapping === undefined || mapping.usedAt + lifetimeMs <= this.now) {
      this.#ports += 17;
      mapping = { port: this.#ports, contacted: new Map(), usedAt: this.now };
      this.#mappings.set(key, mapping);
    }
    mapping.usedAt = this.now;
    mapping.contacted.set(`${remote.address}`, this.now);
    mapping.contacted.set(`${remote.address}:${remote.port}`, this.now);
    return { address: this.#options.outsideIn?.(this.probe.stage) ?? outside, port: mapping.port };
  }

  /** Comes in from outside. */
  #enter(remote: Ipv4Endpoint, port: number, payload: Uint8Array): void {
    const socket = this.#admit(remote, port);
    if (socket === undefined) return;
    const datagram = { socket, payload, remote, at: this.now, stage: this.probe.stage };
    for (const each of this.#options.receives?.(datagram) ?? [datagram]) {
      this.probe.handleDatagram(socket, each.payload, each.remote, this.now);
    }
  }

  #admit(remote: Ipv4Endpoint, port: number): number | undefined {
    const { nat = 'port-restricted', lifetimeMs = 1e9 } = this.#options;
    if (nat === 'none') return port - 50_000;
    const [key, mapping] = [...this.#mappings].find(([, each]) => each.port === port) ?? [];
    if (key === undefined || mapping === undefined || mapping.usedAt + lifetimeMs <= this.now) return undefined;
    const part = nat === 'address-restricted' ? `${remote.address}` : `${remote.address}:${remote.port}`;
    if (nat === 'cone' || mapping.contacted.has(part)) return Number.parseInt(key, 10);
    this.#inputs.add(`${port}<${remote.address}:${remote.port}`);
    return undefined;
  }

  #reach(remote: Ipv4Endpoint, from: Ipv4Endpoint, payload: Uint8Array): void {
    if (remote.address === relay.address) this.#reachRelay(from, payload);
    if (remote.port !== 3544 || readDatagram(payload, 0, payload.length, this.#layout) !== undefined) return;
    const { packetOffset: at, nonceOffset } = this.#layout;
    const destination = readIpv6(payload, at + destinationOffset);
    if (isIcmpv6(payload, at) && icmpv6TypeOf(payload, at) === 133) {
      const answer = this.advertisement(remote.address, payload, nonceOffset, from);
      this.#after(() => this.#enter(remote, from.port, answer));
    } else if (isTeredo(destination)) {
      this.#pass(destination, payload, from);
    } else if (isEchoRequest(payload, at) && this.#options.hasRelay !== false && !this.#isSilent(destination)) {
      this.#answerEcho(payload.slice(at), from);
    }
  }

  #isSilent(host: Ipv6Value): boolean {
    const { silentHost } = this.#options;
    return silentHost !== undefined && ipv6Equals(host, silentHost);
  }

  /** An answer of the server to a solicitation, as the endpoint sees it. */
  advertisement(server: number, solicitation: Uint8Array, nonceOffset: number, mapped: Ipv4Endpoint): Uint8Array {
    const prefix = { word0: 0x20010000, word1: this.#options.prefixes?.[server] ?? primary, word2: 0, word3: 0 };
    const option = { prefix, length: 64, flags: 0x40, validLifetime: 0xffffffff, preferredLifetime: 0xffffffff };
    const fields = { source: serverLinkLocal(primary), prefixes: [option], retransmissionTimerMs: 2000, mtu: 1280 };
    const bytes = new Uint8Array(300);
    let length = writeNonceAuthentication(bytes, 0, solicitation, nonceOffset);
    length += writeOriginIndication(bytes, length, mapped.address, mapped.port);
    const source = readIpv6(solicitation, 13 + sourceOffset);
    return bytes.slice(0, length + new RouterAdvertisementTemplate(fields).write(bytes, length, source));
  }

  /** Through the server to a Teredo address, with where it came from. */
  #pass(destination: Ipv6Value, packet: Uint8Array, origin: Ipv4Endpoint): void {
    const bytes = new Uint8Array(8 + packet.length);
    bytes.set(packet, writeOriginIndication(bytes, 0, origin.address, origin.port));
    if (embeddedAddress(destination) !== outside) return;
    this.#after(() => this.#enter({ address: primary, port: 3544 }, embeddedPort(destination), bytes));
  }

  /** The native host's reply is at the relay: it goes to whom the relay trusts, and else waits for a bubble. */
  #answerEcho(request: Uint8Array, trusted?: Ipv4Endpoint): void {
    const client = readIpv6(request, sourceOffset);
    writeEchoReplyInPlace(request, 0, target);
    if (this.#isRelayTrusted && trusted !== undefined) {
      this.#after(() => this.#enter(relay, trusted.port, request));
      return;
    }
    this.#waiting = [request];
    const { relayNonce = 0 } = this.#options;
    const bubble = new Uint8Array(bubbleLength + maximumTrailersLength);
    writeBubble(bubble, 0, relayAddress, client);
    const length = bubbleLength + (relayNonce === 0 ? 0 : writeNonceTrailer(bubble, bubbleLength, relayNonce));
    this.#pass(client, bubble.subarray(0, length), relay);
  }

  #reachRelay(from: Ipv4Endpoint, payload: Uint8Array): void {
    const { relayNonce = 0 } = this.#options;
    const trailers = new BubbleTrailers();
    if (isBubble(payload, 0)) trailers.read(payload, bubbleLength, payload.length - bubbleLength);
    if (!this.#isRelayTrusted && trailers.nonce !== relayNonce) return;
    this.#isRelayTrusted = true;
    if (isEchoRequest(payload, 0)) this.#answerEcho(payload.slice(), from);
    if (!isBubble(payload, 0)) return;
    for (const reply of this.#waiting) this.#after(() => this.#enter(relay, from.port, reply));
    this.#waiting = [];
  }
}

/** Runs a probe through a world. */
export function found(options: WorldOptions = {}): World {
  return new World(options).run();
}
