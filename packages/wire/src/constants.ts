/** Octets of the fixed IPv6 header (RFC 8200 3). */
export const ipv6HeaderLength = 40;

/** Offsets of the source and destination in an IPv6 header. */
export const sourceOffset = 8;
export const destinationOffset = 24;

/** Next Header values (RFC 8200 4, IANA protocol numbers). */
export const nextHeaders = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  authenticationHeader: 51,
  icmpv6: 58,
  none: 59,
  destinationOptions: 60,
} as const;

/** ICMPv6 types (RFC 4443, RFC 4861). Types below 128 are errors. */
export const icmpv6Types = {
  destinationUnreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
} as const;

/** Link MTU that hosts assume and servers advertise (RFC 4380 5.1.2). */
export const defaultLinkMtu = 1280;

/** Largest UDP payload over IPv4, the upper bound of any link MTU with its headers (RFC 4380 5.1.2). */
export const maximumUdpPayload = 65507;

/** Octets of an origin indication (RFC 4380 5.1.1). */
export const originIndicationLength = 8;

/** Octets of an Authentication without client identifier and authentication value (RFC 4380 5.1.1). */
export const nonceAuthenticationLength = 13;

/** Octets of the nonce in an Authentication (RFC 4380 5.1.1). */
export const nonceLength = 8;

/** Octets of a bubble without trailers (RFC 4380 2.8). */
export const bubbleLength = 40;

/** Octets of a Teredo Router Solicitation, which carries no option (RFC 4380 5.2.1). */
export const routerSolicitationLength = 48;

/** Hop limit of Neighbor Discovery packets (RFC 4861 4.1) and of the bubbles that we originate. */
export const maximumHopLimit = 255;

/** An ICMPv6 error fits the minimum MTU together with what caused it (RFC 4443 2.4 c). */
export const maximumErrorLength = 1280;
