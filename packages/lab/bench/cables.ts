import type { Laboratory } from '../src/laboratory.ts';
import { type Carriage, connect } from '../src/network/link.ts';
import type { Namespace } from '../src/network/namespace.ts';

/** A machine and the addresses at which others find it. */
export interface Machine {
  readonly host: Namespace;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/** Creates a machine that has its IPv4 addresses on no cable. */
export function machineWith(
  laboratory: Laboratory,
  label: string,
  ipv4: readonly string[],
  ipv6: readonly string[] = [],
): Machine {
  const host = laboratory.machine(label);
  host.ip(...ipv4.map((address) => `addr add ${address}/32 dev lo`));
  return { host, ipv4, ipv6 };
}

/** Connects two machines by a cable of their own, which each calls after the other one, with routes for IPv4. */
export function layCable(one: Machine, other: Machine, carriage: Carriage): void {
  const ends = [one, other].map(({ host }, index) => ({
    namespace: host,
    interface: [other, one][index]!.host.label,
  }));
  connect(ends[0]!, ends[1]!, carriage);
  layRoutes(one, other, 4);
  layRoutes(other, one, 4);
}

/** Adds the routes for IPv6 over the cable between two machines. */
export function layIpv6Routes(one: Machine, other: Machine): void {
  layRoutes(one, other, 6);
  layRoutes(other, one, 6);
}

/** The other machine's addresses are at the other end of the cable that is named after it. */
function layRoutes(from: Machine, { host, ipv4, ipv6 }: Machine, version: 4 | 6): void {
  const own = version === 4 ? from.ipv4[0] : from.ipv6[0];
  const addresses = version === 4 ? ipv4 : ipv6;
  if (own === undefined) return;
  // The kernel answers neighbour solicitations only for addresses of the cable's own interface.
  if (version === 6) from.host.ip(`addr add ${own}/128 dev ${host.label}`);
  from.host.ip(...addresses.map((address) => `route add ${address} dev ${host.label} src ${own}`));
}
