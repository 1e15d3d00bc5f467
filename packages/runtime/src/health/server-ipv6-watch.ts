import { type Configuration, ipv6PolicyOf } from '@navalis/config';
import { type HostAddresses, ipv6ConnectivityOf } from '@navalis/life';
import type { Degradations } from './degradations.ts';

/**
 * Reports when a server's host has no IPv6 connectivity. Clients still get addresses from the server and reach one
 * another, but it cannot forward their connectivity tests to native hosts (RFC 4380 section 5.3.1).
 */
export function checkServerIpv6(configuration: Configuration, host: HostAddresses, degradations: Degradations): void {
  if (ipv6ConnectivityOf(host, ipv6PolicyOf(configuration)) !== undefined) degradations.clear('no-ipv6-connectivity');
  else {
    degradations.raise('no-ipv6-connectivity', {
      sentence:
        'This host has no IPv6 default route with a global address: clients of this server cannot test hosts on the IPv6 Internet, and so reach none.',
      evidence: 'no IPv6 connectivity',
      cure: 'Give this host a global IPv6 address and a default route; see "ip -6 route".',
    });
  }
}
