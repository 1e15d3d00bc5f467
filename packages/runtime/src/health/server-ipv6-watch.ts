import { ipv6PolicyOf, type ServerConfiguration } from '@navalis/config';
import { type HostAddresses, ipv6ConnectivityOf } from '@navalis/life';
import type { Degradations } from './degradations.ts';

/**
 * Says while a server's host has no IPv6 connectivity: clients still get their addresses from it and reach one another, but
 * the tests of native hosts that it passes on go nowhere (RFC 4380 section 5.3.1).
 */
export function watchServerIpv6(
  configuration: ServerConfiguration,
  degradations: Degradations,
): (host: HostAddresses) => void {
  const policy = ipv6PolicyOf(configuration);
  return (host) => {
    if (ipv6ConnectivityOf(host, policy) !== undefined) degradations.clear('no-ipv6-connectivity');
    else {
      degradations.raise('no-ipv6-connectivity', {
        sentence:
          'This host has no IPv6 default route with a global address: clients of this server cannot test hosts on the IPv6 Internet, and so reach none.',
        evidence: 'no IPv6 connectivity',
        cure: 'Give this host a global IPv6 address and a default route; see "ip -6 route".',
      });
    }
  };
}
