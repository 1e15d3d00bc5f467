import { nonceLength } from '../constants.ts';

/**
 * Where the elements of one datagram stand: `[Authentication] [Origin] IPv6-packet [trailers]` (RFC 4380 5.1.1, RFC 6081
 * 4.1). Filled by `readDatagram` and meant to be reused. All offsets count from the start of the memory that was read.
 */
export class DatagramLayout {
  /** -1 without an Authentication; its lengths are 0 then, and its offsets undefined. */
  authenticationOffset = -1;
  clientIdentifierOffset = 0;
  clientIdentifierLength = 0;
  authenticationValueOffset = 0;
  authenticationValueLength = 0;
  /** Offset of the nonce, which has 8 octets. */
  nonceOffset = 0;
  confirmation = 0;
  /** An Authentication stands around something other than a Router Solicitation or Advertisement. */
  authenticationAroundOther = false;
  /** -1 without an origin indication; address and port are undefined then. */
  originOffset = -1;
  /** Unobfuscated. */
  originAddress = 0;
  originPort = 0;
  packetOffset = -1;
  /** 40 + Payload Length. */
  packetLength = 0;
  /** The octets after the IPv6 packet; they may be anything, also malformed. */
  trailersOffset = -1;
  trailersLength = 0;

  /** Back to "nothing found". */
  clear(): void {
    this.authenticationOffset = -1;
    this.clientIdentifierLength = 0;
    this.authenticationValueLength = 0;
    this.confirmation = 0;
    this.authenticationAroundOther = false;
    this.originOffset = -1;
    this.originAddress = 0;
    this.originPort = 0;
    this.packetOffset = -1;
    this.packetLength = 0;
    this.trailersOffset = -1;
    this.trailersLength = 0;
  }

  /** Returns true if there is an Authentication in the 13-octet form: no client identifier, no authentication value. */
  get hasNonceOnly(): boolean {
    return this.authenticationOffset >= 0 && this.clientIdentifierLength === 0 && this.authenticationValueLength === 0;
  }

  /** Returns true if there is an Authentication with exactly this nonce of 8 octets. */
  hasNonce(bytes: Uint8Array, nonce: Uint8Array): boolean {
    if (this.authenticationOffset < 0) return false;
    for (let index = 0; index < nonceLength; index++) {
      if (bytes[this.nonceOffset + index] !== nonce[index]) return false;
    }
    return true;
  }
}
