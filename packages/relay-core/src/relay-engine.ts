import {
  type Ipv4Policy,
  type Ipv4Value,
  type Ipv6Prefix,
  type Ipv6Value,
  isWellFormedTeredoWords,
  mappedAddressOfWord,
  mappedPortOfWord,
  readIpv6,
  readUint32,
  teredoPort,
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
  type EngineStatus,
  Icmpv6Errors,
  type Milliseconds,
  type PacketRun,
  pointRunAt,
  type RandomSource,
  SendGate,
} from '@navalis/engine';
import { Attempts, BubbleBudget, noPeer, PacketQueues, type PeerIndex, PeerTable } from '@navalis/peers';
import {
  bubbleLength,
  DatagramLayout,
  defaultLinkMtu,
  destinationOffset,
  hasForbiddenRoutingHeader,
  hasUnknownCriticalTrailer,
  isBubble,
  isWellFormedPacket,
  readDatagram,
  sourceOffset,
  writeBubble,
} from '@navalis/wire';
import { newPeersBurst, newPeersPerSecond, relayPeers, relayQueuedPackets } from './constants.ts';
import { NativeSide } from './native-side.ts';
import { NewPeerLimit } from './new-peer-limit.ts';
import type { RelayOptions } from './options.ts';

/** RFC 4443 section 3.1: address unreachable. */
const addressUnreachable = 3;
const linkLocalWord = 0xfe800000;
const linkLocalMask = 0xffc00000;

/** A relay that can follow its host's addresses. */
export interface RelayEngine extends Engine, EngineLife {
  /** The addresses of the host changed; connections to clients stay (HR-05). */
  replaceServedRanges(ranges: readonly Ipv6Prefix[], localAddress: Ipv6Value): void;
}

/**
 * A Teredo relay (RFC 4380 section 5.4). Towards a client it cannot reach yet it queues, and sends bubbles at 0, 2, 4 and
 * 6 s: one straight to the client, which opens a NAT before the relay, one through the client's server, which tells the
 * client where the relay is. What comes from a client counts only from the endpoint that its address embeds.
 *
 * Hop limits are the kernel's business: it forwards between the tunnel interface and the native side and decrements them
 * on the way, and a host's own packets keep theirs (HR-17).
 */
class TeredoRelay implements RelayEngine {
  readonly #kind: 'relay' | 'host';
  readonly #servicePrefix: number;
  readonly #policy: Ipv4Policy;
  readonly #nativeSide: NativeSide;
  readonly #outputs: EngineOutputs;
  readonly #counters = new Counters();
  readonly #gate: SendGate;
  readonly #errors: Icmpv6Errors;
  readonly #table: PeerTable;
  readonly #queues: PacketQueues;
  readonly #attempts: Attempts;
  readonly #budget: BubbleBudget;
  readonly #newPeers: NewPeerLimit | undefined;
  readonly #layout = new DatagramLayout();
  readonly #innerRun: PacketRun = createPacketRun(new Uint8Array(0));
  readonly #queuedRun: PacketRun = createPacketRun(new Uint8Array(0));
  readonly #bubbleRun: PacketRun = createPacketRun(new Uint8Array(bubbleLength));
  #localAddress: Ipv6Value;
  #state: 'initial' | 'running' | 'stopped' = 'initial';
  #since: Milliseconds = 0;

  constructor(options: RelayOptions, outputs: EngineOutputs, random: RandomSource) {
    this.#kind = options.kind;
    this.#servicePrefix = options.servicePrefix ?? teredoServicePrefix;
    this.#policy = options.policy;
    this.#localAddress = options.localAddress;
    this.#nativeSide = new NativeSide(options.servedRanges, options.ownIpv4Addresses, this.#servicePrefix);
    this.#outputs = outputs;
    this.#gate = new SendGate(outputs, options.policy, this.#counters);
    this.#errors = new Icmpv6Errors(outputs, this.#counters);
    this.#table = new PeerTable({ capacity: relayPeers, servicePrefix: this.#servicePrefix }, random);
    this.#queues = new PacketQueues(this.#table, relayQueuedPackets);
    this.#attempts = new Attempts(this.#table);
    this.#budget = new BubbleBudget(this.#table);
    this.#newPeers = options.rateLimit ? new NewPeerLimit(newPeersPerSecond, newPeersBurst) : undefined;
    pointRunAt(this.#bubbleRun, 0, bubbleLength);
  }

  start(now: Milliseconds): void {
    this.#enter('running', now);
    this.#outputs.report({ kind: 'started' });
  }

  stop(now: Milliseconds): void {
    this.#table.clear();
    this.#enter('stopped', now);
    this.#outputs.report({ kind: 'stopped' });
  }

  status(): EngineStatus {
    return {
      state: this.#state,
      since: this.#since,
      peers: this.#table.count,
      counters: this.#counters.snapshot(),
    };
  }

  replaceServedRanges(ranges: readonly Ipv6Prefix[], localAddress: Ipv6Value): void {
    this.#nativeSide.replaceServedRanges(ranges);
    this.#localAddress = localAddress;
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    const octets = octetsOf(run);
    this.#counters.datagramsReceived += run.count;
    this.#counters.octetsReceived += octets;
    const reason = this.#receive(run, now);
    if (reason !== undefined) this.#counters.drop(reason, run.count);
  }

  handlePackets(run: PacketRun, now: Milliseconds): void {
    this.#counters.packetsTaken += run.count;
    const reason = this.#transmit(run, now);
    if (reason !== undefined) this.#counters.drop(reason, run.count);
  }

  handleDeadline(now: Milliseconds): void {
    for (let peer = this.#attempts.due(now); peer !== noPeer; peer = this.#attempts.due(now)) {
      if (this.#attempts.isSpent(peer)) this.#giveUp(peer, now);
      else this.#burst(peer, now);
    }
  }

  nextDeadline(): Milliseconds {
    return this.#attempts.nextDeadline();
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
    const word0 = readUint32(bytes, packet + sourceOffset);
    if (bubble && (word0 & linkLocalMask) >>> 0 === linkLocalWord) return this.#hearNamelessBubble(run, now);

    const word1 = readUint32(bytes, packet + sourceOffset + 4);
    const word2 = readUint32(bytes, packet + sourceOffset + 8);
    const word3 = readUint32(bytes, packet + sourceOffset + 12);
    if (!isWellFormedTeredoWords(word0, word1, word2, word3, this.#policy, this.#servicePrefix)) {
      return 'source-not-allowed';
    }
    if (mappedAddressOfWord(word3) !== run.sourceAddress || mappedPortOfWord(word2) !== run.sourcePort) {
      return 'endpoint-mismatch';
    }
    const peer = this.#table.find(word0, word1, word2, word3);
    if (peer === noPeer) return 'peer-not-known';
    this.#hear(peer, run, now);
    if (bubble) {
      this.#counters.bubblesReceived += 1;
      return undefined;
    }
    return this.#deliver(run);
  }

  /** miredo's bubbles have a link-local source; who sent one is told by where it came from (IO-01, IO-03). */
  #hearNamelessBubble(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const { sourceAddress, sourcePort } = run;
    let peer = this.#table.findByEmbeddedEndpoint(sourceAddress, sourcePort);
    if (peer === noPeer) return 'untrusted-link-local';
    this.#counters.bubblesReceived += 1;
    while (peer !== noPeer) {
      this.#hear(peer, run, now);
      peer = this.#table.findNextByEmbeddedEndpoint(peer, sourceAddress, sourcePort);
    }
    return undefined;
  }

  /** The peer proved its endpoint: whatever waited for it leaves (RL-R-03, RL-R-04, RL-T-11). */
  #hear(peer: PeerIndex, { sourceAddress, sourcePort }: DatagramRun, now: Milliseconds): void {
    this.#table.trust(peer, sourceAddress, sourcePort);
    this.#table.heard(peer, now);
    this.#budget.clear(peer);
    this.#attempts.end(peer);
    while (this.#queues.dequeue(peer, this.#queuedRun)) this.#sendTo(peer, this.#queuedRun, now);
  }

  /** RL-R-06, RL-R-07. */
  #deliver(run: DatagramRun): DropReason | undefined {
    const { memory: bytes } = run;
    const { packetOffset, packetLength } = this.#layout;
    if (hasForbiddenRoutingHeader(bytes, packetOffset, packetLength)) return 'routing-header';
    const word0 = readUint32(bytes, packetOffset + destinationOffset);
    const word1 = readUint32(bytes, packetOffset + destinationOffset + 4);
    const word2 = readUint32(bytes, packetOffset + destinationOffset + 8);
    const word3 = readUint32(bytes, packetOffset + destinationOffset + 12);
    if (!this.#nativeSide.serves(word0, word1, word2, word3)) return 'destination-not-served';
    if (this.#nativeSide.isLoop(word0, word1, word2, word3)) return 'tunnel-loop';

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
    // A super-segment's header counts for packets yet to be cut; whoever cut it vouches for their lengths.
    if (run.count === 1 && !isWellFormedPacket(bytes, offset, run.packetLength)) return 'malformed-packet';
    const word0 = readUint32(bytes, offset + destinationOffset);
    if (word0 !== this.#servicePrefix) return 'not-a-teredo-destination';
    const word1 = readUint32(bytes, offset + destinationOffset + 4);
    const word2 = readUint32(bytes, offset + destinationOffset + 8);
    const word3 = readUint32(bytes, offset + destinationOffset + 12);
    if (this.#nativeSide.isOwn(mappedAddressOfWord(word3))) return 'tunnel-loop';
    if (!isWellFormedTeredoWords(word0, word1, word2, word3, this.#policy, this.#servicePrefix)) {
      return 'embedded-not-global';
    }
    const refusal = this.#refuseSource(bytes, offset);
    if (refusal !== undefined) return refusal;
    if (run.packetLength > defaultLinkMtu) {
      this.#errors.tooBig(this.#localAddress, defaultLinkMtu, bytes, offset, run.packetLength, now);
      return 'packet-too-big';
    }

    const peer = this.#table.find(word0, word1, word2, word3);
    if (peer !== noPeer && this.#table.isUsable(peer, now)) {
      this.#sendTo(peer, run, now);
      return undefined;
    }
    return this.#sendLater(peer, run, now);
  }

  /** RL-T-18, RL-A-09: neither out of a tunnel nor from anybody whom the relay does not serve. */
  #refuseSource(bytes: Uint8Array, offset: number): DropReason | undefined {
    const word0 = readUint32(bytes, offset + sourceOffset);
    const word1 = readUint32(bytes, offset + sourceOffset + 4);
    const word2 = readUint32(bytes, offset + sourceOffset + 8);
    const word3 = readUint32(bytes, offset + sourceOffset + 12);
    if (word0 === this.#servicePrefix || this.#nativeSide.isLoop(word0, word1, word2, word3)) return 'tunnel-loop';
    return this.#nativeSide.serves(word0, word1, word2, word3) ? undefined : 'source-not-served';
  }

  /** Queues the run and sees to it that an attempt to reach the peer is under way (RL-T-07, RL-T-10). */
  #sendLater(known: PeerIndex, run: PacketRun, now: Milliseconds): DropReason | undefined {
    let peer = known;
    if (peer === noPeer) {
      if (this.#newPeers !== undefined && !this.#newPeers.take(now)) return 'rate-limited';
      peer = this.#insert(run, now);
    }
    const lost = this.#queues.enqueue(peer, run);
    if (lost > 0) this.#counters.drop('queue-overflow', lost);
    if (!this.#attempts.isRunning(peer)) this.#burst(peer, now);
    return undefined;
  }

  #insert({ memory, offset }: PacketRun, now: Milliseconds): PeerIndex {
    const at = offset + destinationOffset;
    return this.#table.insert(
      readUint32(memory, at),
      readUint32(memory, at + 4),
      readUint32(memory, at + 8),
      readUint32(memory, at + 12),
      'solicited',
      now,
    );
  }

  /**
   * One burst of bubbles, direct and through the client's server (RL-T-14, RL-T-16). Where the limits of RFC 4380 section
   * 5.2.6 forbid it at this moment, the attempt goes on without it (RL-T-17).
   */
  #burst(peer: PeerIndex, now: Milliseconds): void {
    this.#attempts.burst(peer, now);
    if (!this.#budget.allows(peer, now)) return;
    this.#budget.record(peer, now);
    const target = this.#table.address(peer);
    writeBubble(this.#bubbleRun.memory, 0, this.#bubbleSource(peer), target);
    this.#sendBubble(mappedAddressOfWord(target.word3), mappedPortOfWord(target.word2));
    this.#sendBubble(target.word1, teredoPort);
  }

  #sendBubble(address: Ipv4Value, port: number): void {
    if (this.#gate.send(this.#bubbleRun, address, port)) this.#counters.bubblesSent += 1;
  }

  /** A host bubbles in the name of the address that has something to say (HR-03), a relay in its own (RL-A-11). */
  #bubbleSource(peer: PeerIndex): Ipv6Value {
    return this.#kind === 'host' && this.#queues.peek(peer, this.#queuedRun)
      ? readIpv6(this.#queuedRun.memory, this.#queuedRun.offset + sourceOffset)
      : this.#localAddress;
  }

  /** RL-T-09, RL-T-12: no answer to the last bubble; the senders are told. */
  #giveUp(peer: PeerIndex, now: Milliseconds): void {
    const packet = this.#queuedRun;
    while (this.#queues.dequeue(peer, packet)) {
      this.#counters.drop('unreachable');
      this.#errors.unreachable(
        this.#localAddress,
        addressUnreachable,
        packet.memory,
        packet.offset,
        packet.packetLength,
        now,
      );
    }
    this.#table.remove(peer);
  }

  #sendTo(peer: PeerIndex, run: PacketRun, now: Milliseconds): void {
    this.#gate.sendTrusted(run, this.#table.endpointAddress(peer), this.#table.endpointPort(peer));
    this.#table.sent(peer, now);
  }
}

function octetsOf(run: PacketRun): number {
  return (run.count - 1) * run.packetLength + run.lastPacketLength;
}

/** A relay or host-specific relay. `outputs.deliverPackets` leads into the tunnel interface, to the host's routing. */
export function createRelayEngine(options: RelayOptions, outputs: EngineOutputs, random: RandomSource): RelayEngine {
  return new TeredoRelay(options, outputs, random);
}
