/** The second word of every message (RFC 8489 section 5). */
export const magicCookie = 0x2112_a442;

export const stunHeaderOctets = 20;
export const attributeHeaderOctets = 4;
export const transactionIdOctets = 12;

/** Methods of STUN and TURN (RFC 8489 section 18.2, RFC 8656 section 17). */
export const stunMethods = {
  binding: 1,
  allocate: 3,
  refresh: 4,
  send: 6,
  data: 7,
  createPermission: 8,
  channelBind: 9,
} as const;

/** Classes of messages (RFC 8489 section 5). */
export const stunClasses = { request: 0, indication: 1, success: 2, error: 3 } as const;

/** Types of attributes (RFC 8489 section 18.3, RFC 8656 section 18). */
export const stunAttributes = {
  mappedAddress: 0x0001,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedTransport: 0x0019,
  messageIntegritySha256: 0x001c,
  passwordAlgorithm: 0x001d,
  userHash: 0x001e,
  xorMappedAddress: 0x0020,
  passwordAlgorithms: 0x8002,
  software: 0x8022,
  alternateServer: 0x8023,
  fingerprint: 0x8028,
} as const;

/** Families in the attributes of addresses (RFC 8489 section 14.1). */
export const ipv4Family = 1;
export const ipv6Family = 2;

/** The mask of the checksum in FINGERPRINT (RFC 8489 section 14.7). */
export const fingerprintMask = 0x5354_554e;

/** Octets of authentication values (RFC 8489 sections 14.5 and 14.6). */
export const sha1Octets = 20;
export const sha256Octets = 32;
export const shortestSha256Octets = 16;
