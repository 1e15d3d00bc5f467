import type { Ipv4Endpoint, Ipv4Value } from '@navalis/address';
import type { Arena } from '../../kernel/arena.ts';
import { AF_INET } from '../../kernel/constants.ts';

/** Octets of a `struct sockaddr_in`: family in host order, then port and address in network order, then zeroes. */
export const socketAddressOctets = 16;

/** Writes a `struct sockaddr_in` at the 4-byte aligned `offset`. */
export function writeSocketAddress(arena: Arena, offset: number, address: Ipv4Value, port: number): void {
  const word = offset >>> 2;
  arena.uint32[word] = AF_INET | ((port & 0xff) << 24) | ((port & 0xff00) << 8);
  writeIpv4(arena, offset + 4, address);
}

/** Writes a `struct in_addr`, in network order, at the 4-byte aligned `offset`. */
export function writeIpv4(arena: Arena, offset: number, address: Ipv4Value): void {
  arena.uint32[offset >>> 2] = swapped(address);
}

/** Returns true if the `struct sockaddr_in` at `offset` is this endpoint. */
export function isSocketAddress(arena: Arena, offset: number, address: Ipv4Value, port: number): boolean {
  return socketAddressAddress(arena, offset) === address && socketAddressPort(arena, offset) === port;
}

export function readSocketAddress(arena: Arena, offset: number): Ipv4Endpoint {
  return { address: socketAddressAddress(arena, offset), port: socketAddressPort(arena, offset) };
}

export function socketAddressAddress(arena: Arena, offset: number): Ipv4Value {
  return swapped(arena.uint32[(offset >>> 2) + 1]!);
}

export function socketAddressPort(arena: Arena, offset: number): number {
  const word = arena.uint32[offset >>> 2]!;
  return ((word >>> 8) & 0xff00) | (word >>> 24);
}

function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
