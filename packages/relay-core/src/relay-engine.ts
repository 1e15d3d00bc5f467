import {
  embeddedAddress,
  embeddedPort,
  type Ipv4Policy,
  isWellFormedTeredo,
  teredoServicePrefix,
} from '@navalis/address';
import {
  Counters,
  createPacketRun,
  type DatagramRun,
  type DeadlineReason,
  type DropReason,
  type Engine,
  type EngineLife,
  type EngineOutputs,
  Icmpv6Errors,
  type Milliseconds,
  type PacketRun,
  type PeerRows,
  pointRunAt,
  type RandomSource,
  type RelayStatus,
  SendGate,
} from '@navalis/engine';
import {
  BubbleTrailers,
  DatagramLayout,
  defaultLinkMtu,
  hasForbiddenRoutingHeader,
  hasUnknownCriticalTrailer,
  InnerHeader,
  isBubble,
  isLinkChatter,
  isWellFormedPacket,
  readDatagram,
} from '@navalis/wire';
import { Clients } from './clients.ts';
import { NativeSide } from './native-side.ts';
import type { RelayAddresses, RelayChanges, RelayOptions } from './options.ts';

const linkLocalWord = 0xfe800000;
const linkLocalMask = 0xffc00000;

/** A relay that can follow its host's addresses. */
export interface RelayEngine extends Engine, EngineLife<RelayStatus> {
  /** The node's addresses changed; what is not named stays, and so do connections to clients (HR-05, SEC-08). */
  replaceAddresses(addresses: Partial<RelayAddresses>): void;
  /** Replaces options, from the next packet; clients and connections stay. */
  reconfigure(changes: RelayChanges): void;
  /**
   * Datagrams leave from another IPv4 endpoint than before, which no client's NAT lets in: clients that were heard in the
   * last 30 s are sent bubbles at once, so that they learn it (RL-T-22). Harmless when nothing changed.
   */
  networkChanged(now: Milliseconds): void;
}

/**
 * A Teredo relay (RFC 4380 section 5.4). Towards a client it cannot reach yet it queues, and sends bubbles at 0, 2, 4 and
 * 6 s: one straight to the client, which opens a NAT before the relay, one through the client's server, which tells the
 * client where the relay is. The relay accepts a client's packets only from the endpoint that its address embeds.
 *
 * Hop limits are the kernel's business: it forwards between the tunnel interface and the native side and decrements them
 * on the way, and a host's own packets keep theirs (HR-17).
 */
class TeredoRelay implements RelayEngine {
  readonly #servicePrefix: number;
  readonly #policy: Ipv4Policy;
  #options: RelayOptions;
  readonly #nativeSide: NativeSide;
  readonly #outputs: EngineOutputs;
  readonly #counters = new Counters();
  readonly #errors: Icmpv6Errors;
  readonly #clients: Clients;
  readonly #layout = new DatagramLayout();
  readonly #header = new InnerHeader();
  readonly #trailers = new BubbleTrailers();
  readonly #innerRun: PacketRun = createPacketRun(new Uint8Array(0));
  #state: 'initial' | 'running' | 'stopped' = 'initial';
  #since: Milliseconds = 0;

  constructor(options: RelayOptions, outputs: EngineOutputs, random: RandomSource) {
    this.#servicePrefix = options.servicePrefix ?? teredoServicePrefix;
    this.#policy = options.policy;
    this.#options = options;
    this.#nativeSide = new NativeSide(options, this.#servicePrefix);
    this.#outputs = outputs;
    this.#errors = new Icmpv6Errors(outputs, this.#counters);
    const gate = new SendGate(outputs, options.policy, this.#counters);
    this.#clients = new Clients(options, this.#servicePrefix, {
      gate,
      errors: this.#errors,
      counters: this.#counters,
      random,
    });
  }

  start(now: Milliseconds): void {
    this.#enter('running', now);
    this.#outputs.report({ kind: 'started' });
  }

  stop(now: Milliseconds): void {
    this.#clients.clear();
    this.#enter('stopped', now);
    this.#outputs.report({ kind: 'stopped' });
  }

  get peerRows(): PeerRows {
    return this.#clients.peerRows;
  }

  status(): RelayStatus {
    return {
      role: 'relay',
      state: this.#state,
      since: this.#since,
      peers: this.#clients.count,
      paths: this.#clients.pathsStatus(),
      counters: this.#counters.snapshot(),
    };
  }

  replaceAddresses(addresses: Partial<RelayAddresses>): void {
    this.#nativeSide.replaceAddresses(addresses);
    const { ownIpv4Addresses } = addresses;
    if (ownIpv4Addresses !== undefined) this.#clients.replaceOwnAddresses({ ...this.#options, ownIpv4Addresses });
    this.#clients.localAddress = addresses.localAddress ?? this.#clients.localAddress;
  }

  reconfigure(changes: RelayChanges): void {
    this.#options = { ...this.#options, ...changes };
    if (changes.extraGlobalIpv6 !== undefined) this.#nativeSide.replaceExtraGlobal(changes.extraGlobalIpv6);
    if ('newClientsPerSecond' in changes || 'rateLimit' in changes) this.#clients.replaceLimit(this.#options);
  }

  networkChanged(now: Milliseconds): void {
    this.#clients.networkChanged(now);
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    this.#counters.datagramsReceived += run.count;
    this.#counters.octetsReceived += octetsOf(run);
    const reason = this.#receive(run, now);
    if (reason !== undefined) this.#counters.drop(reason, run.count);
  }

  handlePackets(run: PacketRun, now: Milliseconds): void {
    this.#counters.packetsTaken += run.count;
    const reason = this.#transmit(run, now);
    if (reason !== undefined) this.#counters.drop(reason, run.count);
  }

  handleDeadline(now: Milliseconds): void {
    this.#clients.handleDeadline(now);
  }

  nextDeadline(): Milliseconds {
    return this.#clients.nextDeadline();
  }

  deadlineReason(): DeadlineReason | undefined {
    return this.#clients.deadlineReason();
  }

  #enter(state: 'running' | 'stopped', now: Milliseconds): void {
    this.#state = state;
    this.#since = now;
  }

  /**
   * RFC 4380 section 5.4.2. One decision for the run: its packets share their inner addresses and come from one endpoint.
   */
  #receive(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const bytes = run.memory;
    const layout = this.#layout;
    const malformed = readDatagram(bytes, run.offset, run.packetLength, layout);
    if (malformed !== undefined) return malformed;
    if (layout.authenticationOffset >= 0) return 'authentication-around-other';
    if (layout.originOffset >= 0) return 'unexpected-origin';
    if (hasUnknownCriticalTrailer(bytes, layout.trailersOffset, layout.trailersLength))
      return 'unknown-critical-trailer';

    const packet = layout.packetOffset;
    const bubble = isBubble(bytes, packet);
    this.#header.readSource(bytes, packet);
    const { source } = this.#header;
    if (bubble && (source.word0 & linkLocalMask) >>> 0 === linkLocalWord) {
      // miredo's bubbles have such a source (IO-01).
      return this.#countBubble(this.#clients.hearNameless(run, now));
    }

    if (!isWellFormedTeredo(source, this.#policy, this.#servicePrefix)) return 'source-not-allowed';
    if (!bubble) return this.#clients.hear(source, run, now) ?? this.#deliver(run);
    this.#trailers.read(bytes, layout.trailersOffset, layout.trailersLength);
    return this.#countBubble(this.#clients.hearBubble(source, run, this.#trailers, now));
  }

  #countBubble(refusal: DropReason | undefined): DropReason | undefined {
    if (refusal === undefined) this.#counters.bubblesReceived += 1;
    return refusal;
  }

  /** RL-R-06, RL-R-07. */
  #deliver(run: DatagramRun): DropReason | undefined {
    const { memory: bytes } = run;
    const { packetOffset, packetLength } = this.#layout;
    if (hasForbiddenRoutingHeader(bytes, packetOffset, packetLength)) return 'routing-header';
    this.#header.readDestination(bytes, packetOffset);
    const { destination } = this.#header;
    if (this.#nativeSide.isLoop(destination)) return 'tunnel-loop';
    if (!this.#nativeSide.serves(destination)) return 'destination-not-served';

    this.#counters.packetsDelivered += run.count;
    if (run.count > 1) {
      this.#outputs.deliverPackets(run);
      return undefined;
    }
    this.#innerRun.memory = bytes;
    pointRunAt(this.#innerRun, packetOffset, packetLength);
    this.#outputs.deliverPackets(this.#innerRun);
    return undefined;
  }

  /** RFC 4380 section 5.4.1. */
  #transmit(run: PacketRun, now: Milliseconds): DropReason | undefined {
    const { memory: bytes, offset } = run;
    // The header of a super-segment stands for packets yet to be cut; the device that cuts it ensures their lengths.
    if (run.count === 1 && !isWellFormedPacket(bytes, offset, run.packetLength)) return 'malformed-packet';
    this.#header.readDestination(bytes, offset);
    const { destination } = this.#header;
    if (destination.word0 !== this.#servicePrefix) {
      if (!isLinkChatter(bytes, offset)) return 'not-a-teredo-destination';
      // The kernel sends such packets on every link; they are not tunnel traffic, so they are not counted (CL-T-21).
      this.#counters.packetsTaken -= run.count;
      return undefined;
    }
    if (this.#nativeSide.isOwnEndpoint(embeddedAddress(destination), embeddedPort(destination))) return 'tunnel-loop';
    if (!isWellFormedTeredo(destination, this.#policy, this.#servicePrefix)) return 'embedded-not-global';
    const refusal = this.#refuseSource(bytes, offset);
    if (refusal !== undefined) return refusal;
    if (run.packetLength > defaultLinkMtu) {
      this.#errors.tooBig(this.#clients.localAddress, defaultLinkMtu, run, now);
      return 'packet-too-big';
    }

    return this.#clients.send(destination, run, now);
  }

  /** RL-T-18, RL-A-09: neither out of a tunnel nor from anybody whom the relay does not serve. */
  #refuseSource(bytes: Uint8Array, offset: number): DropReason | undefined {
    this.#header.readSource(bytes, offset);
    const { source } = this.#header;
    if (source.word0 === this.#servicePrefix || this.#nativeSide.isLoop(source)) return 'tunnel-loop';
    return this.#nativeSide.serves(source) ? undefined : 'source-not-served';
  }
}

function octetsOf(run: PacketRun): number {
  return (run.count - 1) * run.packetLength + run.lastPacketLength;
}

/** A relay or host-specific relay. `outputs.deliverPackets` leads into the tunnel interface, to the host's routing. */
export function createRelayEngine(options: RelayOptions, outputs: EngineOutputs, random: RandomSource): RelayEngine {
  return new TeredoRelay(options, outputs, random);
}
