import { readUint32 } from '@navalis/address';
import { destinationOffset, sourceOffset } from '../constants.ts';

const [linkLocalWord, linkLocalMask] = [0xfe800000, 0xffc00000] as const;

/**
 * Returns true for packets that a kernel sends on every link by itself, Teredo or not: router solicitations, multicast listener
 * reports, address checks. From a link-local or the unspecified source to a multicast group. The header must be whole.
 */
export function isLinkChatter(bytes: Uint8Array, offset: number): boolean {
  if (bytes[offset + destinationOffset] !== 0xff) return false;
  const source = offset + sourceOffset;
  const word0 = readUint32(bytes, source);
  if ((word0 & linkLocalMask) >>> 0 === linkLocalWord) return true;
  const others = readUint32(bytes, source + 4) | readUint32(bytes, source + 8) | readUint32(bytes, source + 12);
  return (word0 | others) === 0;
}
