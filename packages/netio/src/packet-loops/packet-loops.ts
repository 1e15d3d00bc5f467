import { type WebAssemblyMemory, webAssembly } from '../kernel/web-assembly.ts';
import { packetLoopsModule } from './packet-loops-module.ts';

/**
 * Loops over the packets of a run, or the octets of a packet, in an arena: a few times as fast as JavaScript. Offsets count in the
 * arena; one outside of it throws. The sources in `assembly/` describe each in full.
 */
export interface PacketLoops {
  /**
   * The one's complement sum (RFC 1071), not complemented, of the big-endian 16-bit words in `length` octets at `offset` (an
   * odd last octet padded with a zero) and of `initial`. 16 bits; 0 only when everything is 0, 0xffff when a checksum that is
   * part of the sum is right. `length` is at most 512 KiB, `initial` an unsigned 32-bit number.
   */
  sum(offset: number, length: number, initial: number): number;

  /**
   * Returns how many datagrams at the beginning of a bundle of `length` octets at `offset` make one run, at least 1; each has
   * `segmentOctets` octets, which are more than 0, but for a shorter last one.
   */
  leadingRun(offset: number, length: number, segmentOctets: number): number;

  /**
   * Returns how many of the messages of one `recvmmsg`, from `index` to before `count`, make one run, at least 1.
   */
  leadingMessages(
    headers: number,
    names: number,
    slots: number,
    slotStride: number,
    index: number,
    count: number,
  ): number;

  /** Returns how many packets join the group that begins at `first`, and enters their payloads in `vectors`. */
  joiningPackets(
    first: number,
    headerLength: number,
    segmentOctets: number,
    sequence: number,
    firstIsVerified: boolean,
    roomOctets: number,
    offset: number,
    stride: number,
    packetOctets: number,
    lastOctets: number,
    count: number,
    vectors: number,
    base: number,
  ): number;

  /** Writes the headers of `count` packets of a super-segment from the one at `index` on, and enters all in `vectors`. */
  writeSegments(
    template: number,
    headerLength: number,
    protocol: number,
    constantSum: number,
    sequence: number,
    flags: number,
    payload: number,
    payloadOctets: number,
    lastPayloadOctets: number,
    last: number,
    index: number,
    count: number,
    headers: number,
    headerStride: number,
    vectors: number,
    base: number,
  ): void;
}

/** Compiles the loops for one memory, which must not grow. */
export function createPacketLoops(memory: WebAssemblyMemory): PacketLoops {
  const module = new webAssembly.Module(packetLoopsModule);
  return new webAssembly.Instance(module, { env: { memory } }).exports as PacketLoops;
}
