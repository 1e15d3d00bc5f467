import { createPacketRun, type DatagramRun, type Milliseconds, type PacketRun, pointRunAt } from '@navalis/engine';
import type { DeviceDropCounts } from '../../src/drop-sink.ts';
import { packetLengthAt, packetsLieApart } from '../../src/run-packets.ts';
import type { PacketSink } from '../../src/tun-device.ts';
import type { DatagramSink } from '../../src/udp-socket.ts';

/** A well-formed IPv6 packet with next header 59 (none), whose octets after the header are all `fill`. */
export function ipv6Packet(
  payloadLength: number,
  fill: number,
  destination: Uint8Array = documentationAddress,
): Uint8Array {
  const packet = new Uint8Array(40 + payloadLength).fill(fill);
  packet.set([0x60, 0, 0, 0, payloadLength >>> 8, payloadLength & 0xff, 59, 64]);
  packet.set(documentationAddress, 8);
  packet.set(destination, 24);
  return packet;
}

/** 2001:db8::1 */
export const documentationAddress: Uint8Array = new Uint8Array([
  0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
]);

/** A run of one packet over the caller's memory. */
export function runOf(packet: Uint8Array): PacketRun {
  const run = createPacketRun(packet);
  pointRunAt(run, 0, packet.length);
  return run;
}

/** A run of several whose packets begin `stride` octets apart; all but the last have equal length. */
export function runOfSeveral(packets: readonly Uint8Array[], stride: number): PacketRun {
  const memory = new Uint8Array(stride * packets.length);
  packets.forEach((packet, index) => {
    memory.set(packet, index * stride);
  });
  return {
    memory,
    offset: 0,
    packetLength: packets[0]!.length,
    lastPacketLength: packets.at(-1)!.length,
    count: packets.length,
    headerStride: stride,
  };
}

/** A run that only a segmentation offload could cut. */
export function superSegment(): PacketRun {
  return { ...runOf(ipv6Packet(1000, 1)), packetLength: 300, lastPacketLength: 200, count: 4, headerStride: 0 };
}

export interface TakenDatagram {
  readonly payload: Uint8Array;
  readonly sourceAddress: number;
  readonly sourcePort: number;
  readonly portId: number;
  readonly now: Milliseconds;
}

/** Keeps copies of what devices hand over, and lets a test look at the runs themselves. */
export class RecordingSink implements DatagramSink, PacketSink {
  readonly datagrams: TakenDatagram[] = [];
  readonly packets: Uint8Array[] = [];
  /** Every run object that was ever passed. */
  readonly runs: Set<PacketRun> = new Set();
  readonly #onPacket: (run: PacketRun) => void;

  constructor(onPacket: (run: PacketRun) => void = () => {}) {
    this.#onPacket = onPacket;
  }

  handleDatagrams(run: DatagramRun, now: Milliseconds): void {
    const { sourceAddress, sourcePort, portId } = run;
    for (const payload of packetsOf(run)) this.datagrams.push({ payload, sourceAddress, sourcePort, portId, now });
    this.runs.add(run);
    this.#onPacket(run);
  }

  handlePackets(run: PacketRun): void {
    this.packets.push(...packetsOf(run));
    this.runs.add(run);
    this.#onPacket(run);
  }
}

/** Receives until `count` packets were handed over; a device that hands over nothing for 5 s fails the test. */
export function drain(device: { receive(budget: number): number }, done: () => boolean): void {
  const end = Date.now() + 5000;
  while (!done()) {
    device.receive(64);
    if (Date.now() > end) throw new Error('nothing more arrived within 5 s');
  }
}

/** All drops so far, by reason. */
export function dropsOf(counters: DeviceDropCounts): object {
  return counters.snapshot();
}

function packetsOf(run: PacketRun): Uint8Array[] {
  if (!packetsLieApart(run)) throw new Error('these suites cause no super-segments');
  return Array.from({ length: run.count }, (_, index) => {
    const offset = run.offset + index * run.headerStride;
    return run.memory.slice(offset, offset + packetLengthAt(run, index));
  });
}
