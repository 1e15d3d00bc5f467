/** An IPv4 address as an unsigned 32-bit number; 192.0.2.1 is 0xc0000201. */
export type Ipv4Value = number;

/** An IPv6 address as four unsigned 32-bit words in network order. Immutable; compared by its words. */
export interface Ipv6Value {
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
}

/** Where a UDP datagram comes from or goes to. */
export interface Ipv4Endpoint {
  readonly address: Ipv4Value;
  /** 0 to 65535. */
  readonly port: number;
}
