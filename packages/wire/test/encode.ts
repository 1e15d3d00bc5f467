import { type DatagramLayout, TrailerCursor, writeAuthentication, writeTrailer } from '@navalis/wire';
import { writeOriginIndication } from '@navalis/wire/server';

/** Builds a datagram again from its layout, element by element. */
export function encode(bytes: Uint8Array, layout: DatagramLayout): Uint8Array {
  const result = new Uint8Array(bytes.length);
  let position = 0;
  if (layout.authenticationOffset >= 0) {
    position += writeAuthentication(result, position, {
      clientIdentifier: slice(bytes, layout.clientIdentifierOffset, layout.clientIdentifierLength),
      authenticationValue: slice(bytes, layout.authenticationValueOffset, layout.authenticationValueLength),
      nonce: slice(bytes, layout.nonceOffset, 8),
      confirmation: layout.confirmation,
    });
  }
  if (layout.originOffset >= 0) {
    position += writeOriginIndication(result, position, layout.originAddress, layout.originPort);
  }
  result.set(slice(bytes, layout.packetOffset, layout.packetLength), position);
  position += layout.packetLength;
  const cursor = new TrailerCursor();
  cursor.start(bytes, layout.trailersOffset, layout.trailersLength);
  let read = layout.trailersOffset;
  while (cursor.next()) {
    position += writeTrailer(result, position, cursor.type, slice(bytes, cursor.valueOffset, cursor.valueLength));
    read = cursor.valueOffset + cursor.valueLength;
  }
  result.set(bytes.subarray(read, layout.trailersOffset + layout.trailersLength), position);
  return result.slice(0, position + layout.trailersOffset + layout.trailersLength - read);
}

function slice(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  return bytes.slice(offset, offset + length);
}
