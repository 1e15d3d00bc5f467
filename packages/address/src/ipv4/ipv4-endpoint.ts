import type { Ipv4Endpoint } from '../values.ts';
import { formatIpv4 } from './ipv4-text.ts';

/** An endpoint as JSON has it. */
export interface EndpointText {
  readonly address: string;
  readonly port: number;
}

/** Returns an endpoint as JSON has it. */
export function endpointText({ address, port }: Ipv4Endpoint): EndpointText {
  return { address: formatIpv4(address), port };
}

/** Returns an endpoint as `address:port`. */
export function formatEndpoint(endpoint: Ipv4Endpoint): string {
  return formatEndpointText(endpointText(endpoint));
}

/** Returns an endpoint that comes from JSON as `address:port`. */
export function formatEndpointText({ address, port }: EndpointText): string {
  return `${address}:${port}`;
}

/** Returns whether two endpoints have the same address and the same port. */
export function ipv4EndpointEquals(left: Ipv4Endpoint, right: Ipv4Endpoint): boolean {
  return left.address === right.address && left.port === right.port;
}
