import { writeUint16 } from '@navalis/address';
import { checksumOf, tcpProtocol, udp, udpProtocol } from '@navalis/wire';
import type { Arena } from '../kernel/arena.ts';
import type { PacketLoops } from '../packet-loops/packet-loops.ts';

/**
 * Completes a checksum that the host left to the device, of the packet of `length` octets at `offset`: it covers
 * everything from `start`, and its field, `fieldOffset` behind that, holds the sum of the pseudo-header. False when
 * the field is not within the packet.
 */
export function completeChecksum(
  arena: Arena,
  loops: Pick<PacketLoops, 'sum'>,
  offset: number,
  length: number,
  start: number,
  fieldOffset: number,
): boolean {
  if (start + fieldOffset + 2 > length) return false;
  const sum = loops.sum(offset + start, length - start, 0);
  const protocol = fieldOffset === udp.checksum ? udpProtocol : tcpProtocol;
  writeUint16(arena.bytes, offset + start + fieldOffset, checksumOf(sum, protocol));
  return true;
}
