import { type Ipv4Endpoint, type Ipv4Value, readUint16, readUint32, writeUint16 } from '@navalis/address';
import type { Milliseconds } from '@navalis/engine';
import type { NatBehaviour } from '@navalis/nat';
import { NatMappings, SimRandom } from '@navalis/simnet/network';

/** The two sides of a NAT in user space. */
export interface Translation {
  readonly behaviour: NatBehaviour;
  /** The addresses of the hosts inside begin with these 24 bits. */
  readonly inside: Ipv4Value;
  /** The addresses outside, as many as the behaviour has. */
  readonly outside: readonly Ipv4Value[];
  /** Decides on random ports. */
  readonly seed: string;
}

const udp = 17;
const checksumOffset = 10;
const sourceOffset = 12;
const destinationOffset = 16;
const udpHeaderOctets = 8;
const udpChecksumOffset = 6;

/** Translates IPv4 packets with UDP in place, by the mappings of the virtual Internet's NATs. */
export class PacketTranslator {
  readonly #translation: Translation;
  readonly #mappings: NatMappings;

  constructor(translation: Translation) {
    this.#translation = translation;
    const { behaviour, outside, seed } = translation;
    this.#mappings = new NatMappings(behaviour, outside, new SimRandom(seed));
  }

  /** Rewrites a packet from either side. Returns false when the NAT does not let it through. */
  translate(packet: Uint8Array, now: Milliseconds): boolean {
    if (!isWholeUdp(packet)) return false;
    const isFromInside = readUint32(packet, sourceOffset) >>> 8 === this.#translation.inside >>> 8;
    return isFromInside ? this.#leave(packet, now) : this.#enter(packet, now);
  }

  #leave(packet: Uint8Array, now: Milliseconds): boolean {
    const remote = endpointAt(packet, 'destination');
    const isHairpin = this.#translation.outside.includes(remote.address);
    if (isHairpin && !this.#translation.behaviour.hairpinning) return false;
    const mapping = this.#mappings.outbound(endpointAt(packet, 'source'), remote, now);
    if (mapping === undefined) return false;
    rewrite(packet, 'source', { address: mapping.externalAddress, port: mapping.externalPort });
    return !isHairpin || this.#enter(packet, now);
  }

  #enter(packet: Uint8Array, now: Milliseconds): boolean {
    const { address, port } = endpointAt(packet, 'destination');
    const mapping = this.#mappings.inbound(address, port, endpointAt(packet, 'source'), now);
    if (mapping === undefined) return false;
    rewrite(packet, 'destination', { address: mapping.innerAddress, port: mapping.innerPort });
    return true;
  }
}

type Side = 'source' | 'destination';

/** Fragments are not translated: no packet of the laboratory needs any. */
function isWholeUdp(packet: Uint8Array): boolean {
  if (packet.length < 20 || packet[0]! >>> 4 !== 4 || packet[9] !== udp) return false;
  const isFragment = (readUint16(packet, 6) & 0x3fff) !== 0;
  return !isFragment && packet.length >= headerOctets(packet) + udpHeaderOctets;
}

function headerOctets(packet: Uint8Array): number {
  return (packet[0]! & 0x0f) * 4;
}

function endpointAt(packet: Uint8Array, side: Side): Ipv4Endpoint {
  return {
    address: readUint32(packet, addressOffset(side)),
    port: readUint16(packet, portOffset(packet, side)),
  };
}

function addressOffset(side: Side): number {
  return side === 'source' ? sourceOffset : destinationOffset;
}

function portOffset(packet: Uint8Array, side: Side): number {
  return headerOctets(packet) + (side === 'source' ? 0 : 2);
}

function rewrite(packet: Uint8Array, side: Side, { address, port }: Ipv4Endpoint): void {
  const udpChecksum = headerOctets(packet) + udpChecksumOffset;
  const hasChecksum = readUint16(packet, udpChecksum) !== 0;
  const covers = hasChecksum ? [checksumOffset, udpChecksum] : [checksumOffset];
  replaceWord(packet, addressOffset(side), address >>> 16, covers);
  replaceWord(packet, addressOffset(side) + 2, address & 0xffff, covers);
  replaceWord(packet, portOffset(packet, side), port, covers.slice(1));
  if (hasChecksum && readUint16(packet, udpChecksum) === 0) writeUint16(packet, udpChecksum, 0xffff);
}

/** Replaces 16 bits, and corrects the checksums that cover them (RFC 1624). */
function replaceWord(packet: Uint8Array, at: number, word: number, checksums: readonly number[]): void {
  const removed = ~readUint16(packet, at) & 0xffff;
  for (const checksum of checksums) {
    const sum = (~readUint16(packet, checksum) & 0xffff) + removed + word;
    const folded = (sum & 0xffff) + (sum >>> 16);
    writeUint16(packet, checksum, ~((folded & 0xffff) + (folded >>> 16)) & 0xffff);
  }
  writeUint16(packet, at, word);
}
