import { writeUint16 } from '@navalis/address';
import { checksumOf, tcpProtocol, udp, udpProtocol } from '@navalis/wire';
import type { Arena } from '../kernel/arena.ts';
import type { PacketLoops } from '../packet-loops/packet-loops.ts';
import type { VirtioNetHeader } from './virtio-net-header.ts';

/** The memory and the loops with which checksums are completed. */
export interface ChecksumParts {
  readonly arena: Arena;
  readonly loops: Pick<PacketLoops, 'sum'>;
}

/**
 * Completes a checksum that the host left to the device, of the packet of `length` octets at `offset`. It covers everything
 * from the header's `checksumStart` on; its field, `checksumField` behind that, holds the sum of the pseudo-header. Returns
 * false when the field is not within the packet.
 */
export function completeChecksum(
  { arena, loops }: ChecksumParts,
  { checksumStart: start, checksumField: field }: VirtioNetHeader,
  offset: number,
  length: number,
): boolean {
  if (start + field + 2 > length) return false;
  const sum = loops.sum(offset + start, length - start, 0);
  const protocol = field === udp.checksum ? udpProtocol : tcpProtocol;
  writeUint16(arena.bytes, offset + start + field, checksumOf(sum, protocol));
  return true;
}
