import { readUint32, writeUint16, writeUint32 } from '@navalis/address';
import { ipv6HeaderLength } from '../constants.ts';
import { internetSum } from '../ipv6/internet-sum.ts';
import {
  checksumOf,
  ipv6NextHeaderOffset,
  ipv6PayloadLengthOffset,
  tcp,
  tcpFlags,
  tcpProtocol,
  transportChecksumOffset,
  transportHeaderLength,
  udp,
} from './transport-header.ts';

/** Packets of TCP or UDP that the kernel handed over as one: one header at `offset`, then the payloads of all. */
export interface SuperSegment {
  readonly memory: Uint8Array;
  readonly offset: number;
  readonly count: number;
  /** Octets of each packet but the last, with its header. */
  readonly packetLength: number;
  readonly lastPacketLength: number;
}

/**
 * Writes the packet at `index` of a super-segment to `at` in `target`, whole and with its checksum; returns its octets, or 0
 * when it cannot be cut. For the few packets that wait in a queue: devices cut faster.
 */
export function cutPacket(run: SuperSegment, index: number, target: Uint8Array, at: number): number {
  const { memory, offset, count, packetLength } = run;
  const header = transportHeaderLength(memory, offset, packetLength);
  const length = index === count - 1 ? run.lastPacketLength : packetLength;
  if (header === 0 || length < header) return 0;
  const done = index * (packetLength - header);
  target.set(memory.subarray(offset, offset + header), at);
  target.set(memory.subarray(offset + header + done, offset + done + length), at + header);
  writeUint16(target, at + ipv6PayloadLengthOffset, length - ipv6HeaderLength);
  const transport = at + ipv6HeaderLength;
  const protocol = memory[offset + ipv6NextHeaderOffset]!;
  if (protocol === tcpProtocol) {
    writeUint32(target, transport + tcp.sequence, (readUint32(target, transport + tcp.sequence) + done) >>> 0);
    if (index < count - 1) target[transport + tcp.flags]! &= ~(tcpFlags.fin | tcpFlags.push);
    if (index > 0) target[transport + tcp.flags]! &= ~tcpFlags.congestionWindowReduced;
  } else {
    writeUint16(target, transport + udp.length, length - ipv6HeaderLength);
  }
  const field = at + transportChecksumOffset(protocol);
  writeUint16(target, field, 0);
  writeUint16(target, field, checksumOf(internetSum(target, at, protocol), protocol));
  return length;
}
