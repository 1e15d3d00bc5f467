import { type Ipv4Endpoint, type Ipv4Policy, type Ipv4Value, readUint16, writeUint16 } from '@navalis/address';
import {
  type Counters,
  createDatagramRun,
  createPacketRun,
  type DatagramRun,
  type DropReason,
  type EngineEvent,
  type EngineOutputs,
  type Milliseconds,
  type OpenedPort,
  type PacketRun,
  type PortId,
  type PortRefusal,
  type PortRequest,
  pointRunAt,
  type RandomSource,
  servicePortId,
} from '@navalis/engine';
import { cutPacket } from '@navalis/wire';
import { noChannel } from './client/channels.ts';
import { firstChannel, lastChannel, longestWaiting } from './client/choices.ts';
import { noRow } from './client/endpoint-rows.ts';
import { TurnClient } from './client/turn-client.ts';
import type { TurnClientOutputs, TurnOptions } from './client/turn-client-parts.ts';
import { WaitingDatagrams } from './client/waiting-datagrams.ts';
import { stunAttributes, stunClasses, stunMethods, transactionIdOctets } from './stun/constants.ts';
import { readStunMessage } from './stun/read-message.ts';
import { StunLayout } from './stun/stun-layout.ts';
import { StunWriter } from './stun/stun-writer.ts';

/** Octets before the data in ChannelData: channel number and length (RFC 8656 section 12.4). */
export const channelDataHeaderOctets = 4;

/** Octets around the data in a Send indication, at most. */
const sendOverhead = 64;

/** Outputs of a data plane, which can send runs through a channel without copying them. */
export interface RelayOutputs extends EngineOutputs {
  /** Sends each packet of a run as ChannelData to the server. Where it is missing, runs are copied. */
  sendChannelData?(run: PacketRun, channel: number, server: Ipv4Endpoint, from: PortId): void;
  /** Sees the datagrams of the relayed port as peers see them; undefined while nobody watches. */
  readonly watcher?: RelayWatcher | undefined;
}

/** Sees datagrams without the framing of TURN. */
export interface RelayWatcher {
  /** A datagram leaves for a peer. */
  sent(run: PacketRun, address: Ipv4Value, port: number): void;
  /** Hands a datagram of a peer to the role. */
  receives(run: DatagramRun, now: Milliseconds, role: Pick<RelayedRole, 'receive'>): void;
}

/** The role behind a relayed port. */
export interface RelayedRole {
  /** Takes datagrams as if they had come from the peer to the service port. */
  receive(run: DatagramRun, now: Milliseconds): void;
  /** The service port has a relayed endpoint, the first one or another one than before. */
  allocated(relayed: Ipv4Endpoint, now: Milliseconds): void;
}

export interface RelayedPortParts extends TurnOptions {
  /** The role's servers: permitted before the allocation is used. */
  readonly permitted: readonly Ipv4Value[];
  readonly policy: Ipv4Policy;
  readonly random: RandomSource;
  readonly counters: Counters;
  readonly outputs: RelayOutputs;
  readonly role: RelayedRole;
}

/**
 * A role's service port that is an allocation on a TURN server. It stands between the role's engine and the outputs: wraps what
 * the engine sends from the service port, and unwraps what arrives, so that the engine sees peers. Datagrams to private addresses
 * leave from the plain socket: local discovery concerns this host's link.
 */
export class RelayedPort implements EngineOutputs, TurnClientOutputs {
  readonly client: TurnClient;
  readonly #parts: RelayedPortParts;
  readonly #outputs: RelayOutputs;
  readonly #waiting: WaitingDatagrams = new WaitingDatagrams();
  readonly #layout: StunLayout = new StunLayout();
  readonly #received: DatagramRun = createDatagramRun(new Uint8Array(0));
  readonly #writer: StunWriter = new StunWriter(longestWaiting + sendOverhead);
  readonly #indicationId: Uint8Array = new Uint8Array(transactionIdOctets);
  readonly #frame: Uint8Array = new Uint8Array(channelDataHeaderOctets + longestWaiting);
  readonly #cut: Uint8Array = new Uint8Array(longestWaiting);
  readonly #sent: PacketRun;
  readonly #released: PacketRun;
  /** One packet of a run. */
  readonly #piece: PacketRun;
  /** The socket towards the server; undefined before the first allocation was asked for. */
  #port: PortId | undefined;
  #now: Milliseconds = 0;

  constructor(parts: RelayedPortParts) {
    this.#parts = parts;
    this.#outputs = parts.outputs;
    this.#sent = createPacketRun(this.#frame);
    this.#released = createPacketRun(this.#frame);
    this.#piece = createPacketRun(this.#frame);
    this.client = new TurnClient(parts, this);
  }

  start(now: Milliseconds): void {
    this.client.start(now);
  }

  stop(): void {
    this.client.stop();
    this.lost();
    if (this.#port !== undefined) this.#outputs.closePort(this.#port);
    this.#port = undefined;
  }

  /** Call it before the engine is called, unless a method below was: what it sends then is sent at this time. */
  setTime(now: Milliseconds): void {
    this.#now = now;
  }

  nextDeadline(): Milliseconds {
    return this.client.nextDeadline();
  }

  handleDeadline(now: Milliseconds): void {
    this.#now = now;
    this.client.handleDeadline(now);
  }

  /** Handles what arrived at any port of the role. */
  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    this.#now = now;
    const { counters, policy, role } = this.#parts;
    if (run.portId === this.#port) this.#handleFromServer(run, now);
    else if (run.portId !== servicePortId || !policy.isGlobalUnicast(run.sourceAddress)) role.receive(run, now);
    else counters.drop('not-from-turn-server', run.count);
  }

  sendDatagrams(run: PacketRun, address: Ipv4Value, port: number, from: PortId = servicePortId): void {
    const channel = from === servicePortId ? this.client.channels.use(address, port, this.#now) : noChannel;
    if (channel !== noChannel) {
      this.client.recordSending(this.#now);
      this.#outputs.watcher?.sent(run, address, port);
      this.#sendByChannel(run, channel);
    } else if (from !== servicePortId || !this.#parts.policy.isGlobalUnicast(address)) {
      this.#outputs.sendDatagrams(run, address, port, from);
    } else {
      this.#sendWithoutChannel(run, address, port);
    }
  }

  openPort(request: PortRequest): OpenedPort | PortRefusal {
    return this.#outputs.openPort(request);
  }

  closePort(id: PortId): void {
    this.#outputs.closePort(id);
  }

  deliverPackets(run: PacketRun): void {
    this.#outputs.deliverPackets(run);
  }

  report(event: EngineEvent): void {
    this.#outputs.report(event);
  }

  transmit(message: Uint8Array, { address, port }: Ipv4Endpoint): void {
    const run = createPacketRun(message);
    pointRunAt(run, 0, message.length);
    this.#outputs.sendDatagrams(run, address, port, this.#port);
  }

  renewPort(): boolean {
    const opened = this.#outputs.openPort({ like: servicePortId, carriesData: true });
    if (typeof opened === 'string') {
      this.report({ kind: 'port-refused', reason: opened });
      return false;
    }
    if (this.#port !== undefined) this.#outputs.closePort(this.#port);
    this.#port = opened.id;
    return true;
  }

  allocated(relayed: Ipv4Endpoint, now: Milliseconds): void {
    this.#parts.role.allocated(relayed, now);
  }

  lost(): void {
    this.#parts.counters.drop('turn-not-allocated', this.#waiting.clear());
  }

  permissionKnown(address: Ipv4Value, isGranted: boolean): void {
    if (!isGranted) {
      this.#parts.counters.drop('turn-permission-refused', this.#waiting.discard(address));
      return;
    }
    const run = this.#released;
    for (let port = this.#waiting.take(address, run); port !== 0; port = this.#waiting.take(address, run)) {
      this.#sendIndications(run, address, port);
    }
  }

  #sendWithoutChannel(run: PacketRun, address: Ipv4Value, port: number): void {
    const { counters } = this.#parts;
    if (this.client.state !== 'ready') {
      counters.drop('turn-not-allocated', run.count);
      return;
    }
    switch (this.client.permissions.state(address, this.#now)) {
      case 'granted':
        this.#sendIndications(run, address, port);
        break;
      case 'refused':
        counters.drop('turn-permission-refused', run.count);
        break;
      case 'asked':
        this.#wait(run, address, port);
        break;
      case 'none': {
        const refusal = this.client.permit(address, this.#now);
        if (refusal === undefined) this.#wait(run, address, port);
        else counters.drop(refusal, run.count);
      }
    }
  }

  #wait(run: PacketRun, address: Ipv4Value, port: number): void {
    const piece = this.#piece;
    let lost = 0;
    for (let index = 0; index < run.count; index++) {
      if (this.#pointAtPacket(run, index)) lost += this.#waiting.add(piece, address, port);
    }
    this.#parts.counters.drop('queue-overflow', lost);
  }

  #sendByChannel(run: PacketRun, channel: number): void {
    if (this.#outputs.sendChannelData !== undefined) {
      this.#outputs.sendChannelData(run, channel, this.client.remote, this.#port!);
      return;
    }
    const piece = this.#piece;
    for (let index = 0; index < run.count; index++) {
      if (!this.#pointAtPacket(run, index)) continue;
      writeUint16(this.#frame, 0, channel);
      writeUint16(this.#frame, 2, piece.packetLength);
      this.#frame.set(piece.memory.subarray(piece.offset, piece.offset + piece.packetLength), channelDataHeaderOctets);
      this.#sendToServer(this.#frame, channelDataHeaderOctets + piece.packetLength);
    }
  }

  #sendIndications(run: PacketRun, address: Ipv4Value, port: number): void {
    this.client.permissions.use(address, this.#now);
    this.client.recordSending(this.#now);
    this.#outputs.watcher?.sent(run, address, port);
    const piece = this.#piece;
    for (let index = 0; index < run.count; index++) {
      if (!this.#pointAtPacket(run, index)) continue;
      this.#parts.random.fill(this.#indicationId);
      const writer = this.#writer.begin(stunMethods.send, stunClasses.indication, this.#indicationId);
      writer.xorEndpoint(stunAttributes.xorPeerAddress, address, port);
      const at = writer.room(stunAttributes.data, piece.packetLength);
      writer.bytes.set(piece.memory.subarray(piece.offset, piece.offset + piece.packetLength), at);
      this.#sendToServer(writer.bytes, writer.length);
    }
    const row = this.client.channels.count(address, port, run.count, this.#now);
    if (row !== noRow) this.client.bind(row, this.#now);
  }

  #sendToServer(memory: Uint8Array, length: number): void {
    const { address, port } = this.client.remote;
    this.#sent.memory = memory;
    pointRunAt(this.#sent, 0, length);
    this.#outputs.sendDatagrams(this.#sent, address, port, this.#port);
  }

  /** Points `#piece` at one packet of a run, cut out of a super-segment; false, and counted, when it is too long. */
  #pointAtPacket(run: PacketRun, index: number): boolean {
    const piece = this.#piece;
    const length = index === run.count - 1 ? run.lastPacketLength : run.packetLength;
    if (length > longestWaiting) {
      this.#parts.counters.drop('packet-too-big');
      return false;
    }
    if (run.count > 1 && run.headerStride === 0) {
      piece.memory = this.#cut;
      pointRunAt(piece, 0, cutPacket(run, index, this.#cut, 0));
    } else {
      piece.memory = run.memory;
      pointRunAt(piece, run.offset + index * run.headerStride, length);
    }
    return piece.packetLength > 0;
  }

  #handleFromServer(run: DatagramRun, now: Milliseconds): void {
    const { counters } = this.#parts;
    const { address, port } = this.client.remote;
    if (run.sourceAddress !== address || run.sourcePort !== port) {
      counters.drop('not-from-turn-server', run.count);
      return;
    }
    // Of a run of several the first one decides: such a run is ChannelData of one channel, or nothing that a server sends.
    const reason = isChannelData(run) ? this.#handleChannelData(run, now) : this.#handleMessage(run, now);
    if (reason !== undefined) counters.drop(reason, run.count);
  }

  #handleMessage({ memory, offset, packetLength }: DatagramRun, now: Milliseconds): DropReason | undefined {
    const layout = this.#layout;
    if (readStunMessage(memory, offset, packetLength, layout) !== undefined) return 'malformed-turn-message';
    if (layout.messageClass === stunClasses.indication) return this.#handleIndication(memory, now);
    return this.client.handleResponse(memory, layout, now);
  }

  /** Unwraps a run where it lies: its packets are as far apart as before. */
  #handleChannelData(run: DatagramRun, now: Milliseconds): DropReason | undefined {
    const { memory, offset, count } = run;
    const octets = readUint16(memory, offset + 2);
    // Padding may follow (RFC 8656 section 12.5).
    if (octets > run.packetLength - channelDataHeaderOctets) return 'malformed-turn-message';
    const { channels } = this.client;
    const row = channels.receive(readUint16(memory, offset), now);
    if (row === noRow) return 'unknown-turn-channel';
    const received = this.#received;
    received.memory = memory;
    received.sourceAddress = channels.address(row);
    received.sourcePort = channels.port(row);
    received.offset = offset + channelDataHeaderOctets;
    received.packetLength = octets;
    received.lastPacketLength = count === 1 ? octets : run.lastPacketLength - channelDataHeaderOctets;
    received.count = count;
    received.headerStride = run.headerStride;
    this.#deliver(now);
    return undefined;
  }

  #handleIndication(memory: Uint8Array, now: Milliseconds): DropReason | undefined {
    const { method, unknownRequired, peer, data } = this.#layout;
    if (method !== stunMethods.data || unknownRequired > 0 || !peer.isPresent || !data.isPresent) {
      return 'unexpected-turn-message';
    }
    if (this.client.permissions.state(peer.address, now) !== 'granted') return 'unexpected-turn-message';
    this.client.permissions.use(peer.address, now);
    this.#received.memory = memory;
    this.#received.sourceAddress = peer.address;
    this.#received.sourcePort = peer.port;
    pointRunAt(this.#received, data.offset, data.length);
    this.#deliver(now);
    return undefined;
  }

  #deliver(now: Milliseconds): void {
    this.client.recordReception();
    const { watcher } = this.#outputs;
    if (watcher === undefined) this.#parts.role.receive(this.#received, now);
    else watcher.receives(this.#received, now, this.#parts.role);
  }
}

/** Returns true if a run is ChannelData, by its channel number. One that is too short for any is malformed either way. */
function isChannelData({ memory, offset }: DatagramRun): boolean {
  const channel = readUint16(memory, offset);
  return channel >= firstChannel && channel <= lastChannel;
}
