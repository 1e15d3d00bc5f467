import { execFile } from 'node:child_process';
import { formatIpv4, formatIpv6, type Ipv4Value, type Ipv6Value, parseIpv4 } from '@navalis/address';
import { localAddressTowards } from './local-address.ts';

/** Looks up routes by all tables and rules of this host, optionally for a socket bound to a source address. */
export interface RouteProbe {
  /** Returns the source address of datagrams; undefined without a route. Cheap. Rejects when the lookup fails. */
  localAddress(destination: Ipv4Value, source: Ipv4Value): Promise<Ipv4Value | undefined>;
  /** Returns gateway and interface as text, for comparison; empty without a route. Starts a process. Never rejects. */
  nextHop(destination: Ipv4Value, source: Ipv4Value): Promise<string>;
  /** Returns the interface of IPv6 packets; undefined without a route. Starts a process. Never rejects. */
  ipv6Interface(destination: Ipv6Value, source: Ipv6Value): Promise<string | undefined>;
}

export const hostRoutes: RouteProbe = {
  localAddress: localAddressTowards,
  nextHop: async (destination, source) =>
    nextHopIn(await routeTo('-4', formatIpv4(destination), source === 0 ? undefined : formatIpv4(source))),
  ipv6Interface: async (destination, source) =>
    /\bdev (\S+)/.exec(await routeTo('-6', formatIpv6(destination), formatIpv6(source)))?.[1],
};

/** Returns the output of `ip route get`; empty without a route. */
function routeTo(family: '-4' | '-6', destination: string, source: string | undefined): Promise<string> {
  const from = source === undefined ? [] : ['from', source];
  const args = [family, '-oneline', 'route', 'get', destination, ...from];
  return new Promise((resolve) => execFile('ip', args, { timeout: patienceMs }, (_, stdout) => resolve(stdout)));
}

const patienceMs = 2_000;

/** Parses the output of `ip route get`: `192.0.2.1 via 198.51.100.1 dev eth0 src 198.51.100.7 uid 0 ...`. */
export function nextHopIn(text: string): string {
  return (text.match(/\b(via|dev) \S+/g) ?? []).join(' ');
}

/** Returns the router in a next hop as text; undefined where the destination is on the link itself, or there is no route. */
export function gatewayOf(nextHop: string): Ipv4Value | undefined {
  return parseIpv4(/\bvia (\S+)/.exec(nextHop)?.[1] ?? '');
}
