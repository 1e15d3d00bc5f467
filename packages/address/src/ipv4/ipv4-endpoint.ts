import type { Ipv4Endpoint } from '../values.ts';

/** Returns whether two endpoints have the same address and the same port. */
export function ipv4EndpointEquals(left: Ipv4Endpoint, right: Ipv4Endpoint): boolean {
  return left.address === right.address && left.port === right.port;
}
