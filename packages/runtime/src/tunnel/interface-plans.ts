import { formatIpv6, type Ipv6Value } from '@navalis/address';
import { defaultLinkMtu } from '@navalis/wire';
import type { IpCommand } from '../host/commands/ip-command.ts';
import type { RoutingRule } from './routing-rules.ts';

/** The plan of a role's tunnel interface: declared once, so that it can be set up, compared and restored. */
export interface InterfacePlan {
  readonly name: string;
  /** Link MTU in octets. */
  readonly mtu: number;
  readonly addresses: readonly PlannedAddress[];
  readonly routes: readonly PlannedRoute[];
  /** The route of this program that must not be there: nothing may announce a relay that does not work. */
  readonly withdrawn?: PlannedRoute;
  /** The rule for packets from the address; undefined: the routes decide. */
  readonly rule?: RoutingRule;
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
  /** Only for packets from this address. */
  readonly source?: Ipv6Value;
  /** The main table when undefined. */
  readonly table?: number;
  /** The kernel makes it with the first address of its prefix. */
  readonly comesWithAddress?: boolean;
  /** It forwards nothing: a routing daemon announces its destination while it is there. */
  readonly isAnnouncement?: boolean;
}

/**
 * The link-local address of a client's interface, fe80::ffff:ffff:ffff. All clients share it: it never leaves the host
 * (RFC 4380 7.1, CL-U-06).
 */
const clientLinkLocal: Ipv6Value = { word0: 0xfe800000, word1: 0, word2: 0xffff, word3: 0xffffffff };

/** The configured share of a host's traffic that a client's interface takes. */
export interface ClientRouting {
  readonly hasDefaultRoute: boolean;
  readonly routeMetric: number;
  /** The routing table for packets from the address; undefined: routes of the main table for this source. */
  readonly routingTable?: number | undefined;
}

/**
 * A client's interface: its address, the route to other clients and the last of all default routes. Packets from its address
 * have their own routes, so that they do not leave through another client of this host, or untunnelled; or a table of their own,
 * which no more specific route and no later rule overrides.
 */
export function clientPlan(name: string, address: Ipv6Value, mtu: number, routing: ClientRouting): InterfacePlan {
  const servicePrefix = servicePrefixText(address.word0);
  const { routeMetric: metric, hasDefaultRoute, routingTable: table } = routing;
  return {
    name,
    mtu,
    addresses: [
      { address: clientLinkLocal, prefixLength: 64, isLinkLocal: true },
      // The prefix length creates the route to 2001::/32, so that other clients are reachable without the default route.
      { address, prefixLength: 32 },
    ],
    routes: [
      { destination: servicePrefix, comesWithAddress: true },
      ...(hasDefaultRoute ? [{ destination: 'default', metric }] : []),
      ...(table === undefined
        ? [...halvesOf(address.word0), 'default'].map((destination) => ({ destination, source: address, metric }))
        : [{ destination: 'default', table }]),
    ],
    ...(table !== undefined && { rule: { source: formatIpv6(address), table } }),
  };
}

/** The route that announces a relay. */
export interface PlannedAnnouncement {
  /** The kernel's number of the routing table. */
  readonly table: number;
  readonly isWanted: boolean;
}

/**
 * A relay's interface takes the service prefix and has no address (RFC 4380 8.2). Without a metric it has no route that forwards: the
 * operator routes packets into it. With `announcement` a route stands in its table while that is wanted.
 */
export function relayPlan(
  name: string,
  servicePrefix: number,
  metric: number | undefined,
  announcement?: PlannedAnnouncement,
): InterfacePlan {
  const destination = servicePrefixText(servicePrefix);
  const announcing = announcement && { destination, table: announcement.table, isAnnouncement: true };
  const isWanted = announcement?.isWanted === true;
  return {
    name,
    mtu: defaultLinkMtu,
    addresses: [],
    routes: [
      ...(metric === undefined ? [] : [{ destination, metric, mtu: defaultLinkMtu }]),
      ...(announcing !== undefined && isWanted ? [announcing] : []),
    ],
    ...(announcing !== undefined && !isWanted && { withdrawn: announcing }),
  };
}

/**
 * The interface of a host-specific relay. Packets from this host's addresses have routes of their own, so that they also take
 * it where a relay on this host has the better metric for all others.
 */
export function hostRelayPlan(
  name: string,
  servicePrefix: number,
  metric: number,
  sources: readonly Ipv6Value[],
): InterfacePlan {
  const plan = relayPlan(name, servicePrefix, metric);
  const own = sources.flatMap((source) =>
    halvesOf(servicePrefix).map((destination) => ({ destination, source, metric, mtu: defaultLinkMtu })),
  );
  return { ...plan, routes: [...plan.routes, ...own] };
}

/** Returns the plan without routes for single sources, for a kernel without CONFIG_IPV6_SUBTREES. */
export function withoutSources(plan: InterfacePlan): InterfacePlan {
  return { ...plan, routes: plan.routes.filter(({ source }) => source === undefined) };
}

/** Returns the commands that set up a new interface. */
export function upCommands(plan: InterfacePlan): readonly IpCommand[] {
  return [
    ...linkUpCommands(plan),
    ...plan.addresses.map((planned) => addressCommand(plan, planned)),
    ...plan.routes.filter((route) => route.comesWithAddress !== true).map((route) => routeCommand(plan, route)),
  ];
}

/** Returns the commands that remove the addresses and take the interface down, which also removes its routes. */
export function downCommands(name: string): readonly IpCommand[] {
  return [
    ['address', 'flush', 'dev', name],
    ['link', 'set', 'dev', name, 'down'],
  ];
}

export function linkUpCommands({ name, mtu }: InterfacePlan): readonly IpCommand[] {
  return [
    // Without an automatic address the kernel sends no router solicitations. A command of its own, because the kernel
    // brings a link up before it applies this setting.
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
  { destination, source, table, metric, mtu, comesWithAddress, isAnnouncement }: PlannedRoute,
): IpCommand {
  return [
    // Another relay of this host may have its route in the same table.
    ...['route', isAnnouncement === true ? 'append' : 'add', destination],
    ...(source === undefined ? [] : ['from', formatIpv6(source)]),
    ...['dev', name],
    ...(table === undefined ? [] : ['table', String(table)]),
    ...(comesWithAddress === true ? ['proto', 'kernel', 'metric', '256'] : []),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(mtu === undefined ? [] : ['mtu', String(mtu)]),
  ];
}

/**
 * Returns the commands from one plan to another, without those for the rule. If only routes differ, the link stays up, no packet
 * is lost, and additions of the operator stay.
 */
export function changeCommands(before: InterfacePlan, after: InterfacePlan): readonly IpCommand[] {
  if (JSON.stringify(withoutRoutes(before)) !== JSON.stringify(withoutRoutes(after))) {
    return [...downCommands(before.name), ...upCommands(after)];
  }
  const beside = (routes: readonly PlannedRoute[], others: readonly PlannedRoute[]) => {
    const known = new Set(others.map((route) => JSON.stringify(route)));
    return routes.filter((route) => !known.has(JSON.stringify(route)));
  };
  return [
    ...beside(after.routes, before.routes).map((route) => routeCommand(after, route)),
    ...beside(before.routes, after.routes).map((route) => routeRemoval(before, route)),
  ];
}

export function routeRemoval(plan: InterfacePlan, route: PlannedRoute): IpCommand {
  return ['route', 'del', ...routeCommand(plan, route).slice(2)];
}

/** Returns the plan without what may change while packets flow. */
function withoutRoutes({ name, mtu, addresses }: InterfacePlan): InterfacePlan {
  return { name, mtu, addresses, routes: [] };
}

/** Returns true for a route of the main table without a source. */
export function isForAllPackets({ source, table }: PlannedRoute): boolean {
  return source === undefined && table === undefined;
}

/**
 * Returns the service prefix as two longer ones, for routes for single sources. At the prefix itself these would hide the
 * routes for all sources, even from packets of other sources.
 */
function halvesOf(servicePrefix: number): readonly string[] {
  return [0, 0x80000000].map((word1) => `${formatIpv6({ word0: servicePrefix, word1, word2: 0, word3: 0 })}/33`);
}

export function servicePrefixText(servicePrefix: number): string {
  return `${formatIpv6({ word0: servicePrefix, word1: 0, word2: 0, word3: 0 })}/32`;
}
