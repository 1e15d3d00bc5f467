import type { Ipv4Endpoint } from '@navalis/address';

export function isSameEndpoint(one: Ipv4Endpoint, other: Ipv4Endpoint): boolean {
  return one.address === other.address && one.port === other.port;
}
