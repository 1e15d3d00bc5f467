import { endpointText } from '@navalis/address';
import type { DropReason } from '@navalis/engine';
import {
  BubbleTrailers,
  DatagramLayout,
  hasForbiddenRoutingHeader,
  hasUnknownCriticalTrailer,
  isBubble,
  nonceLength,
  readDatagram,
} from '@navalis/wire';
import { hexText } from '../texts.ts';
import { explainTrailers } from './explain-trailers.ts';
import type { DatagramExplanation } from './explanation.ts';
import { explainPacket } from './inner-packet.ts';

const layout = new DatagramLayout();
const bubbleTrailers = new BubbleTrailers();

/** Explains a UDP payload of any octets; see RFC 4380 section 5.1.1 and RFC 6081 section 4. */
export function explainDatagram(bytes: Uint8Array): DatagramExplanation {
  const octets = bytes.length;
  const malformed = readDatagram(bytes, 0, octets, layout);
  if (malformed !== undefined) return { octets, dropReason: malformed };
  const dropReason = dropReasonOf(bytes);
  const { originOffset, originAddress, originPort, packetOffset, packetLength } = layout;
  return {
    octets,
    ...(dropReason && { dropReason }),
    ...(layout.authenticationOffset >= 0 && { authentication: explainAuthentication(bytes) }),
    ...(originOffset >= 0 && { origin: endpointText({ address: originAddress, port: originPort }) }),
    packet: explainPacket(bytes.subarray(packetOffset, packetOffset + packetLength)),
    ...(layout.trailersLength > 0 && explainTrailers(bytes, layout.trailersOffset, layout.trailersLength)),
  };
}

function explainAuthentication(bytes: Uint8Array): NonNullable<DatagramExplanation['authentication']> {
  const { clientIdentifierLength, authenticationValueLength } = layout;
  return {
    ...(clientIdentifierLength > 0 && {
      clientIdentifier: hexText(bytes, layout.clientIdentifierOffset, clientIdentifierLength),
    }),
    ...(authenticationValueLength > 0 && {
      value: hexText(bytes, layout.authenticationValueOffset, authenticationValueLength),
    }),
    nonce: hexText(bytes, layout.nonceOffset, nonceLength),
    confirmation: layout.confirmation,
  };
}

/** Returns why the datagram of the layout is dropped by any receiver; the checks are those of the engines, in their order. */
function dropReasonOf(bytes: Uint8Array): DropReason | undefined {
  const { packetOffset, packetLength, trailersOffset, trailersLength } = layout;
  if (layout.authenticationAroundOther) return 'authentication-around-other';
  if (hasForbiddenRoutingHeader(bytes, packetOffset, packetLength)) return 'routing-header';
  if (!isBubble(bytes, packetOffset)) return undefined;
  if (hasUnknownCriticalTrailer(bytes, trailersOffset, trailersLength)) return 'unknown-critical-trailer';
  bubbleTrailers.read(bytes, trailersOffset, trailersLength);
  return bubbleTrailers.hasBadAlternates ? 'invalid-alternate-address' : undefined;
}
