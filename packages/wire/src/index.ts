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
export { type AuthenticationFields, writeAuthentication, writeNonceAuthentication } from './datagram/authentication.ts';
export { writeBubble } from './datagram/bubble.ts';
export { BubbleTrailers, discoveryTypes, isAlternateEndpoint, noDiscovery } from './datagram/bubble-trailers.ts';
export { DatagramLayout } from './datagram/datagram-layout.ts';
export { type MalformedReason, malformedReasons } from './datagram/malformed.ts';
export {
  type AuthenticationAlgorithm,
  MessageAuthenticator,
  type SecureCredentials,
} from './datagram/message-authentication.ts';
export { readDatagram } from './datagram/read-datagram.ts';
export {
  hasUnknownCriticalTrailer,
  isUnknownCriticalTrailer,
  mostAlternates,
  TrailerCursor,
  trailerTypes,
  writeTrailer,
} from './datagram/trailers.ts';
export {
  maximumTrailersLength,
  writeAlternateAddressTrailer,
  writeDiscoveryTrailer,
  writeNonceTrailer,
  writeRandomPortTrailer,
} from './datagram/write-trailers.ts';
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
} from './icmpv6/echo.ts';
export { icmpv6ChecksumOk, icmpv6TypeOf, isIcmpv6, writeIcmpv6Checksum } from './icmpv6/icmpv6.ts';
export { type Icmpv6ErrorFields, icmpv6ErrorAllowed, writeIcmpv6Error } from './icmpv6/icmpv6-error.ts';
export {
  type PrefixInformation,
  type RouterAdvertisement,
  readRouterAdvertisement,
} from './icmpv6/router-advertisement.ts';
export { readRouterSolicitation, writeRouterSolicitation } from './icmpv6/router-solicitation.ts';
export { hasForbiddenRoutingHeader } from './ipv6/extension-headers.ts';
export { InnerHeader } from './ipv6/inner-header.ts';
export {
  hopLimitOf,
  type Ipv6HeaderFields,
  isBubble,
  isWellFormedPacket,
  nextHeaderOf,
  payloadLengthOf,
  writeHopLimit,
  writeIpv6Header,
} from './ipv6/ipv6-header.ts';
export { isLinkChatter } from './ipv6/link-chatter.ts';
export { cutPacket, type SuperSegment } from './transport/super-segment.ts';
export {
  checksumOf,
  ipv6AddressesOctets,
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
} from './transport/transport-header.ts';
