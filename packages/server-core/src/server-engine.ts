import {
  embeddedAddress,
  embeddedPort,
  embeddedServer,
  type Ipv4Value,
  Ipv6Policy,
  teredoServicePrefix,
} from '@navalis/address';
import {
  Counters,
  createPacketRun,
  type DatagramRun,
  type DropReason,
  type Engine,
  type EngineLife,
  type EngineOutputs,
  type Milliseconds,
  type PacketRun,
  type PortId,
  pointRunAt,
  type RandomSource,
  type ServerStatus,
  servicePortId,
} from '@navalis/engine';
import {
  DatagramLayout,
  hopLimitOf,
  InnerHeader,
  icmpv6TypeOf,
  icmpv6Types,
  isBubble,
  isIcmpv6,
  originIndicationLength,
  payloadLengthOf,
  readDatagram,
  readRouterSolicitation,
  writeHopLimit,
} from '@navalis/wire';
import { writeOriginIndication } from '@navalis/wire/server';
import { accept, isOwnEndpoint, type ReceivedPacket } from './acceptance.ts';
import { type ClientKey, hashOf } from './client-keys.ts';
import {
  datagramLimit,
  forwardedPayloadLimit,
  forwardsBurstFactor,
  forwardsPerSecond,
  limitedSources,
  solicitationsBurst,
  solicitationsPerSecond,
} from './constants.ts';
import { FailureReports } from './failure-reports.ts';
import { identifierText } from './identifier-text.ts';
import { type ServerChanges, type ServerOptions, secondaryPortId } from './options.ts';
import { SolicitationAnswerer } from './solicitation.ts';
import { SourceLimiter } from './source-limiter.ts';

/** The parts of one datagram that the rules read; one object, reused. */
type MutablePacket = { -readonly [Key in keyof ReceivedPacket]: ReceivedPacket[Key] };

export interface ServerEngine extends Engine, EngineLife<ServerStatus> {
  /** Replaces the clients' secrets, if the server was created with any. */
  replaceClientKeys(keys: readonly ClientKey[]): void;
  /** Replaces options, from the next datagram. A limit that changes begins with full shares. */
  reconfigure(changes: ServerChanges): void;
}

/**
 * A Teredo server (RFC 4380 section 5.3): answers router solicitations and forwards bubbles and echo packets. Its only state about
 * clients is the levels of its rate limiters (SV-C-01). One input causes at most one output (SEC-16).
 */
class TeredoServer implements ServerEngine {
  #options: ServerOptions;
  readonly #servicePrefix: number;
  readonly #ipv6Policy: Ipv6Policy;
  readonly #outputs: EngineOutputs;
  readonly #counters = new Counters();
  readonly #answerer: SolicitationAnswerer;
  readonly #random: RandomSource;
  #solicitationLimiter: SourceLimiter;
  #forwardLimiter: SourceLimiter;
  readonly #failureReports = new FailureReports();
  readonly #layout = new DatagramLayout();
  readonly #scratch = new Uint8Array(datagramLimit);
  readonly #scratchRun = createPacketRun(this.#scratch);
  readonly #nativeRun = createPacketRun(this.#scratch);
  readonly #header = new InnerHeader();
  readonly #packet: MutablePacket;
  #state: 'initial' | 'running' | 'stopped' = 'initial';
  #since: Milliseconds = 0;

  constructor(options: ServerOptions, outputs: EngineOutputs, random: RandomSource) {
    this.#options = options;
    this.#servicePrefix = options.servicePrefix ?? teredoServicePrefix;
    this.#ipv6Policy = new Ipv6Policy({
      ipv4: options.policy,
      extraGlobal: options.extraGlobalIpv6,
      servicePrefix: this.#servicePrefix,
    });
    this.#outputs = outputs;
    this.#answerer = new SolicitationAnswerer(options.primary, this.#servicePrefix);
    this.#random = random;
    this.#solicitationLimiter = solicitationLimiter(options, random);
    this.#forwardLimiter = forwardLimiter(options, random);
    this.#packet = {
      bytes: this.#scratch,
      layout: this.#layout,
      // Not a small integer, so that the object keeps its shape.
      outerAddress: 0xffff_ffff,
      outerPort: 0,
      source: this.#header.source,
      destination: this.#header.destination,
    };
  }

  start(now: Milliseconds): void {
    this.#enter('running', now);
    this.#outputs.report({ kind: 'started' });
  }

  stop(now: Milliseconds): void {
    this.#enter('stopped', now);
    this.#outputs.report({ kind: 'stopped' });
  }

  replaceClientKeys(keys: readonly ClientKey[]): void {
    this.#options.clientKeys?.replace(keys);
  }

  reconfigure(changes: ServerChanges): void {
    this.#options = { ...this.#options, ...changes };
    if (changes.extraGlobalIpv6 !== undefined) this.#ipv6Policy.replaceExtraGlobal(changes.extraGlobalIpv6);
    if ('solicitationsPerSecond' in changes || 'solicitationsBurst' in changes) {
      this.#solicitationLimiter = solicitationLimiter(this.#options, this.#random);
    }
    if ('forwardsPerSecond' in changes) this.#forwardLimiter = forwardLimiter(this.#options, this.#random);
  }

  status(): ServerStatus {
    return {
      role: 'server',
      state: this.#state,
      since: this.#since,
      server: this.#options.primary,
      peers: 0,
      counters: this.#counters.snapshot(),
    };
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    let offset = run.offset;
    for (let i = 0; i < run.count; i++) {
      const length = i === run.count - 1 ? run.lastPacketLength : run.packetLength;
      this.#counters.datagramsReceived += 1;
      this.#counters.octetsReceived += length;
      const reason = this.#handleDatagram(run, offset, length, now);
      if (reason !== undefined) this.#counters.drop(reason);
      offset += run.headerStride;
    }
  }

  /** A pure server has no tunnel interface and forwards nothing natively received (SV-F-15). */
  handlePackets(run: PacketRun): void {
    this.#counters.packetsTaken += run.count;
    this.#counters.drop('host-packet', run.count);
  }

  handleDeadline(): void {}

  nextDeadline(): Milliseconds {
    return Number.POSITIVE_INFINITY;
  }

  deadlineReason(): undefined {}

  #enter(state: 'running' | 'stopped', now: Milliseconds): void {
    this.#state = state;
    this.#since = now;
  }

  #handleDatagram(run: DatagramRun, offset: number, length: number, now: Milliseconds): DropReason | undefined {
    const bytes = run.memory;
    const malformed = readDatagram(bytes, offset, length, this.#layout);
    if (malformed !== undefined) return malformed;

    const packet = this.#packet;
    packet.bytes = bytes;
    packet.outerAddress = run.sourceAddress;
    packet.outerPort = run.sourcePort;
    this.#header.readSource(bytes, this.#layout.packetOffset);
    this.#header.readDestination(bytes, this.#layout.packetOffset);
    if (isBubble(bytes, this.#layout.packetOffset)) this.#counters.bubblesReceived += 1;

    const accepted = accept(packet, this.#options, this.#servicePrefix);
    switch (accepted) {
      case 'solicitation':
        return this.#answerSolicitation(packet, run.portId, now);
      case 'verified-client':
      case 'towards-client':
        return this.#forward(packet, accepted === 'verified-client', now);
      default:
        return accepted;
    }
  }

  #answerSolicitation(packet: ReceivedPacket, portId: PortId, now: Milliseconds): DropReason | undefined {
    const { bytes, layout } = packet;
    this.#counters.solicitationsReceived += 1;
    if (layout.originOffset >= 0) return 'injected-element';
    if (!readRouterSolicitation(bytes, layout.packetOffset)) return 'invalid-router-solicitation';
    // Before the limit, so that an attacker who forges a client's endpoint cannot use up the client's share.
    const key = this.#options.clientKeys?.verify(bytes, layout);
    if (key === undefined && this.#needsKey(layout)) return this.#refuseUnauthenticated(packet, now);
    if (this.#options.rateLimit && !this.#solicitationLimiter.take(packet.outerAddress, now)) return 'rate-limited';

    let answerFrom = portId;
    if (this.#answerer.wantsOtherAddress(packet.source)) {
      // An answer from the same address would tell a legacy client that its NAT is a cone (SV-C-09).
      if (this.#options.secondary === undefined) return 'no-secondary-address';
      answerFrom = portId === servicePortId ? secondaryPortId : servicePortId;
    }
    this.#counters.advertisementsSent += 1;
    this.#send(this.#answerer.write(packet, key, this.#scratch), packet.outerAddress, packet.outerPort, answerFrom);
    return undefined;
  }

  /** Reports a failure within limits: a client cannot see why its server is silent, so the operators must (SV-R-05). */
  #refuseUnauthenticated({ bytes, layout, outerAddress, outerPort }: ReceivedPacket, now: Milliseconds): DropReason {
    const { clientIdentifierOffset: offset, clientIdentifierLength: length } = layout;
    const reports = this.#failureReports;
    if (reports.isDue(hashOf(bytes, offset, length), outerAddress, now)) {
      const isKnown = this.#options.clientKeys?.knows(bytes, layout) === true;
      this.#outputs.report({
        kind: 'authentication-failed',
        reason: length === 0 ? 'no-identifier' : isKnown ? 'wrong-secret' : 'unknown-identifier',
        identifier: length === 0 ? undefined : identifierText(bytes, offset, length),
        source: { address: outerAddress, port: outerPort },
        untold: reports.untold,
      });
      reports.told();
    }
    return 'authentication-failed';
  }

  /** Without the right key: always when keys are required, else when the client names itself or sends a value (SV-R-05). */
  #needsKey(layout: DatagramLayout): boolean {
    if (this.#options.requireSecure) return true;
    return this.#options.clientKeys !== undefined && layout.authenticationOffset >= 0 && !layout.hasNonceOnly;
  }

  /** RFC 4380 section 5.3.1, second half. `verified`: the source proved its outer endpoint (rule 5). */
  #forward(packet: ReceivedPacket, verified: boolean, now: Milliseconds): DropReason | undefined {
    const { bytes, layout, destination } = packet;
    if (layout.authenticationOffset >= 0) return 'authentication-around-other';
    if (layout.originOffset >= 0) return 'injected-element';

    const bubble = isBubble(bytes, layout.packetOffset);
    if (!bubble) {
      const refusal = this.#refuseIcmpv6(packet);
      if (refusal !== undefined) return refusal;
    }
    // The class of the server's own link-local address and of all routers is never forwarded (SV-F-01).
    const destinationClass = this.#ipv6Policy.classify(destination);
    if (destinationClass === 'teredo') {
      const target = embeddedAddress(destination);
      const port = embeddedPort(destination);
      if (isOwnEndpoint(target, port, this.#options)) return 'own-address-loop';
      if (!this.#options.policy.isGlobalUnicast(target) || port === 0) return 'embedded-not-global';
      if (this.#options.onlyOwnClients && embeddedServer(destination) !== this.#options.primary) {
        return 'destination-not-served';
      }
    } else if (!verified || (destinationClass !== 'global' && destinationClass !== '6to4')) {
      return 'destination-not-global';
    }
    if (this.#options.rateLimit && !this.#forwardLimiter.take(packet.outerAddress, now)) return 'rate-limited';

    return destinationClass === 'teredo' ? this.#forwardToClient(packet, bubble) : this.#forwardNatively(packet);
  }

  /** Refuses ICMPv6 other than small echo packets whose hop limit allows forwarding (SV-F-09, SV-F-10). */
  #refuseIcmpv6({ bytes, layout }: ReceivedPacket): DropReason | undefined {
    const type = isIcmpv6(bytes, layout.packetOffset) ? icmpv6TypeOf(bytes, layout.packetOffset) : undefined;
    if (type !== icmpv6Types.echoRequest && type !== icmpv6Types.echoReply) return 'icmpv6-type-not-forwarded';
    if (payloadLengthOf(bytes, layout.packetOffset) > forwardedPayloadLimit) return 'too-large-to-forward';
    return hopLimitOf(bytes, layout.packetOffset) <= 1 ? 'hop-limit-exhausted' : undefined;
  }

  /** Re-encapsulates, with the outer source as origin for own clients (SV-F-05..08, SV-F-12). */
  #forwardToClient(packet: ReceivedPacket, bubble: boolean): DropReason | undefined {
    const { layout, destination } = packet;
    const withTrailers = layout.packetLength + layout.trailersLength;
    if (originIndicationLength + withTrailers > datagramLimit) return 'too-large-to-forward';
    const own = embeddedServer(destination) === this.#options.primary;
    const at = own ? writeOriginIndication(this.#scratch, 0, packet.outerAddress, packet.outerPort) : 0;
    // Extensions of RFC 6081 are in trailers of bubbles; other packets lose their trailers (WF-28).
    const length = this.#copyOnward(packet, at, bubble ? withTrailers : layout.packetLength);
    if (bubble) this.#counters.bubblesSent += 1;
    this.#send(at + length, embeddedAddress(destination), embeddedPort(destination), servicePortId);
    return undefined;
  }

  #forwardNatively(packet: ReceivedPacket): undefined {
    const length = this.#copyOnward(packet, 0, packet.layout.packetLength);
    pointRunAt(this.#nativeRun, 0, length);
    this.#counters.packetsDelivered += 1;
    this.#outputs.deliverPackets(this.#nativeRun);
  }

  /**
   * Copies the packet to `at` in the scratch area with one hop less; a bubble that arrives with hop limit 0, as miredo
   * sends them, leaves with 0 (IO-01).
   */
  #copyOnward({ bytes, layout }: ReceivedPacket, at: number, length: number): number {
    for (let i = 0; i < length; i++) this.#scratch[at + i] = bytes[layout.packetOffset + i]!;
    const hopLimit = hopLimitOf(bytes, layout.packetOffset);
    if (hopLimit > 0) writeHopLimit(this.#scratch, at, hopLimit - 1);
    return length;
  }

  #send(length: number, address: Ipv4Value, port: number, from: PortId): void {
    pointRunAt(this.#scratchRun, 0, length);
    this.#counters.datagramsSent += 1;
    this.#counters.octetsSent += length;
    this.#outputs.sendDatagrams(this.#scratchRun, address, port, from);
  }
}

function solicitationLimiter(options: ServerOptions, random: RandomSource): SourceLimiter {
  const answers = options.solicitationsPerSecond ?? solicitationsPerSecond;
  const atOnce = options.solicitationsBurst ?? solicitationsBurst;
  return new SourceLimiter(answers, atOnce, limitedSources, random);
}

function forwardLimiter(options: ServerOptions, random: RandomSource): SourceLimiter {
  const forwards = options.forwardsPerSecond ?? forwardsPerSecond;
  return new SourceLimiter(forwards, forwards * forwardsBurstFactor, limitedSources, random);
}

/** A server; `outputs.deliverPackets` is its way to native IPv6 routing. */
export function createServerEngine(options: ServerOptions, outputs: EngineOutputs, random: RandomSource): ServerEngine {
  return new TeredoServer(options, outputs, random);
}
