import type { Ipv4Prefix } from './ipv4-prefix.ts';

/** Refused by every policy: "this network", multicast and the limited broadcast address. No laboratory range re-admits them. */
export const neverGlobalBlocks: readonly Ipv4Prefix[] = [
  { address: 0x00000000, length: 8 },
  { address: 0xe0000000, length: 4 },
  { address: 0xffffffff, length: 32 },
];

/** Addresses that no other host has, beside `neverGlobalBlocks`: loopback, link-local, and those reserved for the future. */
export const neverHostBlocks: readonly Ipv4Prefix[] = [
  { address: 0x7f000000, length: 8 },
  { address: 0xa9fe0000, length: 16 },
  { address: 0xf0000000, length: 4 },
];

/** Addresses that RFC 4380 section 5.2.4 refuses, beside `neverGlobalBlocks`. */
export const rfc4380Blocks: readonly Ipv4Prefix[] = [
  { address: 0x0a000000, length: 8 },
  { address: 0x7f000000, length: 8 },
  { address: 0xa9fe0000, length: 16 },
  { address: 0xac100000, length: 12 },
  { address: 0xc0586300, length: 24 },
  { address: 0xc0a80000, length: 16 },
];

/** Addresses that RFC 6890 reserves beside those: shared address space, protocol assignments, documentation, benchmarking, class E. */
export const reservedBlocks: readonly Ipv4Prefix[] = [
  { address: 0x64400000, length: 10 },
  { address: 0xc0000000, length: 24 },
  { address: 0xc0000200, length: 24 },
  { address: 0xc6120000, length: 15 },
  { address: 0xc6336400, length: 24 },
  { address: 0xcb007100, length: 24 },
  { address: 0xf0000000, length: 4 },
];
