import { formatIpv6, type Ipv6Value } from '@navalis/address';
import type { IpCommand } from '../host/ip-command.ts';

/** What a role's tunnel interface must be: declared once, so that it can be set up, compared and restored. */
export interface InterfacePlan {
  readonly name: string;
  /** Link MTU in octets. */
  readonly mtu: number;
  readonly addresses: readonly PlannedAddress[];
  readonly routes: readonly PlannedRoute[];
}

export interface PlannedAddress {
  readonly address: Ipv6Value;
  readonly prefixLength: number;
  /** An address of this link alone. */
  readonly isLinkLocal?: boolean;
}

export interface PlannedRoute {
  /** `default`, or a prefix such as `2001::/32`. */
  readonly destination: string;
  /** The kernel's choice when undefined. */
  readonly metric?: number;
  /** Path MTU of the route in octets; that of the link when undefined. */
  readonly mtu?: number;
  /** The kernel makes it with the first address of its prefix. */
  readonly comesWithAddress?: boolean;
}

/** RFC 4380 5.1.2. */
const defaultMtu = 1280;

/**
 * The link-local address of a client's interface, fe80::ffff:ffff:ffff. The same for every client: nobody hears it (RFC 4380
 * 7.1, CL-U-06).
 */
const clientLinkLocal: Ipv6Value = { word0: 0xfe800000, word1: 0, word2: 0xffff, word3: 0xffffffff };

/** Our choice: above what the kernel (1024) and network managers (up to about 20,000) give to other default routes. */
const defaultRouteMetric = 1_000_000;

/** A client's interface: its address, the route to other clients and the last of all default routes. */
export function clientPlan(name: string, address: Ipv6Value, mtu: number): InterfacePlan {
  return {
    name,
    mtu,
    addresses: [
      { address: clientLinkLocal, prefixLength: 64, isLinkLocal: true },
      // The length makes the route to 2001::/32, so that other clients are reached without the default route.
      { address, prefixLength: 32 },
    ],
    routes: [
      { destination: servicePrefixText(address.word0), comesWithAddress: true },
      { destination: 'default', metric: defaultRouteMetric },
    ],
  };
}

/** A relay's interface takes the service prefix and has no address (RFC 4380 8.2). */
export function relayPlan(name: string, servicePrefix: number): InterfacePlan {
  const destination = servicePrefixText(servicePrefix);
  return { name, mtu: defaultMtu, addresses: [], routes: [{ destination, mtu: defaultMtu }] };
}

/** Brings an interface from nothing to its plan. */
export function upCommands(plan: InterfacePlan): readonly IpCommand[] {
  return [
    ...linkUpCommands(plan),
    ...plan.addresses.map((planned) => addressCommand(plan, planned)),
    ...plan.routes.filter((route) => route.comesWithAddress !== true).map((route) => routeCommand(plan, route)),
  ];
}

/** Takes addresses away and the interface down, which takes its routes away too. */
export function downCommands(name: string): readonly IpCommand[] {
  return [
    ['address', 'flush', 'dev', name],
    ['link', 'set', 'dev', name, 'down'],
  ];
}

export function linkUpCommands({ name, mtu }: InterfacePlan): readonly IpCommand[] {
  return [
    // Without an address of the kernel's making there is no router solicitation of its making either. By itself, because
    // the kernel brings a link up before it looks at this.
    ['link', 'set', 'dev', name, 'addrgenmode', 'none'],
    ['link', 'set', 'dev', name, 'mtu', String(mtu), 'up'],
  ];
}

export function addressCommand(
  { name }: InterfacePlan,
  { address, prefixLength, isLinkLocal }: PlannedAddress,
): IpCommand {
  const text = `${formatIpv6(address)}/${prefixLength}`;
  return ['address', 'add', text, 'dev', name, ...(isLinkLocal === true ? ['scope', 'link'] : []), 'nodad'];
}

export function routeCommand(
  { name }: InterfacePlan,
  { destination, metric, mtu, comesWithAddress }: PlannedRoute,
): IpCommand {
  return [
    ...['route', 'add', destination, 'dev', name],
    ...(comesWithAddress === true ? ['proto', 'kernel', 'metric', '256'] : []),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
  ];
}

function servicePrefixText(servicePrefix: number): string {
  return `${formatIpv6({ word0: servicePrefix, word1: 0, word2: 0, word3: 0 })}/32`;
}
