import { readUint16 } from '@navalis/address';
import { ipv6HeaderLength, nextHeaders } from '../constants.ts';
import { nextHeaderOf } from './ipv6-header.ts';

/** The end of the extension headers of one packet (RFC 8200 4). Reused. Bounded by the packet's octets. */
export class ExtensionHeaders {
  /** The protocol after the extension headers, as far as they could be parsed. */
  upperLayer = 0;
  /** Where it starts; beyond the packet when an extension header is cut off. */
  upperLayerOffset = 0;
  /** A later fragment: what follows is the middle of the upper layer, not its start. */
  isLaterFragment = false;
  /** A routing header of type 0, or of any type with segments left. */
  hasForbiddenRouting = false;

  read(bytes: Uint8Array, packetOffset: number, packetLength: number): void {
    const end = packetOffset + packetLength;
    let next = nextHeaderOf(bytes, packetOffset);
    let offset = packetOffset + ipv6HeaderLength;
    this.isLaterFragment = false;
    this.hasForbiddenRouting = false;
    while (isExtension(next) && end - offset >= 8 && !this.isLaterFragment) {
      let length = (bytes[offset + 1]! + 1) * 8;
      if (next === nextHeaders.fragment) {
        length = 8;
        this.isLaterFragment = readUint16(bytes, offset + 2) >>> 3 !== 0;
      } else if (next === nextHeaders.authenticationHeader) {
        // The one header that counts in units of 4 octets (RFC 4302 2.2).
        length = (bytes[offset + 1]! + 2) * 4;
      } else if (next === nextHeaders.routing && (bytes[offset + 2] === 0 || bytes[offset + 3] !== 0)) {
        this.hasForbiddenRouting = true;
      }
      next = bytes[offset]!;
      offset += length;
    }
    this.upperLayer = next;
    this.upperLayerOffset = offset;
  }
}

/**
 * Returns true if a source-routing header is in the packet: type 0 (RFC 5095), or any type with segments left. Looks at all
 * extension headers of a first fragment.
 */
export function hasForbiddenRoutingHeader(bytes: Uint8Array, packetOffset: number, packetLength: number): boolean {
  // Nearly all packets carry no extension header at all.
  if (!isExtension(nextHeaderOf(bytes, packetOffset))) return false;
  scratch.read(bytes, packetOffset, packetLength);
  return scratch.hasForbiddenRouting;
}

const scratch = new ExtensionHeaders();

function isExtension(nextHeader: number): boolean {
  return (
    nextHeader === nextHeaders.hopByHop ||
    nextHeader === nextHeaders.routing ||
    nextHeader === nextHeaders.fragment ||
    nextHeader === nextHeaders.destinationOptions ||
    nextHeader === nextHeaders.authenticationHeader
  );
}
