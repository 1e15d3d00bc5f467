/**
 * The wire formats of Teredo (RFC 4380 section 5.1, RFC 6081 section 4). Decoders are total: they return a value or a
 * reason, and never throw.
 *
 * - {@link readDatagram} finds the elements of a datagram and says what is malformed.
 * - {@link writeBubble} writes a bubble.
 * - {@link MessageAuthenticator} makes and checks authentication values.
 *
 * @packageDocumentation
 */

export { type AuthenticationFields, writeAuthentication, writeNonceAuthentication } from './authentication.ts';
export { writeBubble } from './bubble.ts';
export {
  bubbleLength,
  defaultLinkMtu,
  destinationOffset,
  icmpv6Types,
  ipv6HeaderLength,
  maximumErrorLength,
  maximumHopLimit,
  maximumUdpPayload,
  nextHeaders,
  nonceAuthenticationLength,
  nonceLength,
  originIndicationLength,
  routerSolicitationLength,
  sourceOffset,
} from './constants.ts';
export { DatagramLayout } from './datagram-layout.ts';
export {
  type EchoRequestFields,
  echoDataLength,
  echoDataOffset,
  echoIdentifierOffset,
  echoSequenceOffset,
  isEchoReply,
  isEchoRequest,
  writeEchoReplyInPlace,
  writeEchoRequest,
} from './echo.ts';
export { hasForbiddenRoutingHeader } from './extension-headers.ts';
export { icmpv6ChecksumOk, icmpv6TypeOf, isIcmpv6, writeIcmpv6Checksum } from './icmpv6.ts';
export { type Icmpv6ErrorFields, icmpv6ErrorAllowed, writeIcmpv6Error } from './icmpv6-error.ts';
export { InnerHeader } from './inner-header.ts';
export {
  hopLimitOf,
  type Ipv6HeaderFields,
  isBubble,
  isWellFormedPacket,
  nextHeaderOf,
  payloadLengthOf,
  writeHopLimit,
  writeIpv6Header,
} from './ipv6-header.ts';
export { isLinkChatter } from './link-chatter.ts';
export { type MalformedReason, malformedReasons } from './malformed.ts';
export {
  type AuthenticationAlgorithm,
  MessageAuthenticator,
  type SecureCredentials,
} from './message-authentication.ts';
export { readDatagram } from './read-datagram.ts';
export { type PrefixInformation, type RouterAdvertisement, readRouterAdvertisement } from './router-advertisement.ts';
export { readRouterSolicitation, writeRouterSolicitation } from './router-solicitation.ts';
export { cutPacket, type SuperSegment } from './super-segment.ts';
export {
  hasUnknownCriticalTrailer,
  isUnknownCriticalTrailer,
  TrailerCursor,
  trailerTypes,
  writeTrailer,
} from './trailers.ts';
export {
  checksumOf,
  ipv6AddressesOctets,
  ipv6HeaderOctets,
  ipv6NextHeaderOffset,
  ipv6PayloadLengthOffset,
  ipv6SourceOffset,
  maximumHeaderOctets,
  tcp,
  tcpFlags,
  tcpProtocol,
  transportChecksumOffset,
  transportHeaderLength,
  udp,
  udpProtocol,
} from './transport-header.ts';
