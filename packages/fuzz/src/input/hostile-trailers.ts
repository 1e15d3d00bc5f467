import { parseIpv4, writeUint16, writeUint32 } from '@navalis/address';
import { trailerTypes } from '@navalis/wire';
import type { Dice } from '../dice.ts';

const randomPorts = [0, 1, 79, 1023, 1024, 3544, 41_000, 49_151, 49_152, 50_000, 65_535];
const unknownTypes = [0x00, 0x02, 0x06, 0x3f, 0x40, 0x7f, 0x80, 0xff];
/** Private, of the own subnet, own, special, and one that anybody may have. */
const alternates = [
  '10.0.0.6',
  '10.0.0.255',
  '10.0.0.5',
  '192.168.7.7',
  '172.16.0.9',
  '100.64.0.1',
  '203.0.113.77',
  '0.0.0.0',
  '127.0.0.1',
  '169.254.3.4',
  '224.0.0.253',
  '239.1.1.1',
  '240.0.0.1',
  '255.255.255.255',
].map((text) => parseIpv4(text)!);
const alternatePorts = [0, 7, 3544, 41_000, 65_535];
const longestTrailer = 2 + 0xff;
const aThousand = 1000;

/**
 * Appends trailers to a bubble of `length` octets, few of which an honest sender would write: unknown, repeated, truncated,
 * contradictory ones, or a thousand. `nonces` are those that an engine drew. Returns the new length.
 */
export function appendTrailers(dice: Dice, bytes: Uint8Array, length: number, nonces: readonly number[]): number {
  let end = length;
  const count = dice.once(50) ? aThousand : dice.below(6);
  for (let trailer = 0; trailer < count && end + longestTrailer <= bytes.length; trailer++) {
    end += write(dice, bytes, end, nonces);
  }
  return dice.once(6) ? Math.max(length, end - dice.below(8)) : end;
}

/** Writes one trailer and returns its octets. */
function write(dice: Dice, bytes: Uint8Array, at: number, nonces: readonly number[]): number {
  const [type, length] = writeValue(dice, bytes, at + 2, nonces);
  bytes[at] = type;
  bytes[at + 1] = dice.once(12) ? dice.below(0x100) : length;
  return 2 + length;
}

/** Writes the value of a trailer; returns its type and its octets. */
function writeValue(dice: Dice, bytes: Uint8Array, at: number, nonces: readonly number[]): [number, number] {
  switch (dice.below(5)) {
    case 0:
      writeUint32(bytes, at, nonces.length > 0 && !dice.once(4) ? dice.pick(nonces) : dice.pick([0, 1, dice.word()]));
      return [trailerTypes.nonce, 4];
    case 1:
      writeUint16(bytes, at, dice.once(3) ? dice.below(0x1_0000) : dice.pick(randomPorts));
      return [trailerTypes.randomPort, 2];
    case 2:
      return [trailerTypes.alternateAddress, writeAlternates(dice, bytes, at)];
    case 3:
      writeUint32(bytes, at, dice.below(3) * 0x100_0000);
      return [trailerTypes.neighborDiscoveryOption, 4];
    default:
      writeUint32(bytes, at, dice.word());
      return [dice.once(2) ? dice.pick(unknownTypes) : dice.below(0x100), dice.below(5)];
  }
}

function writeAlternates(dice: Dice, bytes: Uint8Array, at: number): number {
  const count = dice.once(6) ? dice.below(43) : 1 + dice.below(4);
  writeUint16(bytes, at, dice.once(4) ? dice.word() : 0);
  for (let entry = 0; entry < count; entry++) {
    writeUint32(bytes, at + 2 + 6 * entry, dice.pick(alternates));
    writeUint16(bytes, at + 6 + 6 * entry, dice.once(3) ? dice.pick(alternatePorts) : 41_000 + dice.below(9));
  }
  return 2 + 6 * count;
}
