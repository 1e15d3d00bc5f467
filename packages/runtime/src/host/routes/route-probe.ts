import { execFile } from 'node:child_process';
import { formatIpv4, type Ipv4Value, parseIpv4 } from '@navalis/address';
import { localAddressTowards } from './local-address.ts';

/** Looks up routes by all tables and rules of this host, optionally for a socket bound to a source address. */
export interface RouteProbe {
  /** Returns the source address of datagrams; undefined without a route. Cheap. Rejects when the lookup fails. */
  localAddress(destination: Ipv4Value, source: Ipv4Value): Promise<Ipv4Value | undefined>;
  /** Returns gateway and interface as text, for comparison; empty without a route. Starts a process. Never rejects. */
  nextHop(destination: Ipv4Value, source: Ipv4Value): Promise<string>;
}

export const hostRoutes: RouteProbe = {
  localAddress: localAddressTowards,
  nextHop: (destination, source) =>
    new Promise((resolve) => {
      const from = source === 0 ? [] : ['from', formatIpv4(source)];
      const args = ['-4', '-oneline', 'route', 'get', formatIpv4(destination), ...from];
      execFile('ip', args, { timeout: patienceMs }, (_, stdout) => resolve(nextHopIn(stdout)));
    }),
};

const patienceMs = 2_000;

/** Parses the output of `ip route get`: `192.0.2.1 via 198.51.100.1 dev eth0 src 198.51.100.7 uid 0 ...`. */
export function nextHopIn(text: string): string {
  return (text.match(/\b(via|dev) \S+/g) ?? []).join(' ');
}

/** Returns the router in a next hop as text; undefined where the destination is on the link itself, or there is no route. */
export function gatewayOf(nextHop: string): Ipv4Value | undefined {
  return parseIpv4(/\bvia (\S+)/.exec(nextHop)?.[1] ?? '');
}
