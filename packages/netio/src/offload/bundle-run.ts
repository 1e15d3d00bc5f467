import type { PacketRun } from '@navalis/engine';

/**
 * Makes `run`, whose `count` is set, stand for that many datagrams at the beginning of a bundle of `length` octets at
 * `offset`. Returns their octets.
 */
export function pointRunAtBundle(run: PacketRun, offset: number, length: number, segmentOctets: number): number {
  const { count } = run;
  const octets = Math.min(count * segmentOctets, length);
  run.offset = offset;
  run.lastPacketLength = octets - (count - 1) * segmentOctets;
  run.packetLength = count === 1 ? run.lastPacketLength : segmentOctets;
  run.headerStride = count === 1 ? 0 : segmentOctets;
  return octets;
}
