import { formatIpv6 } from '@navalis/address';
import type { TunnelRoutes } from '../health/upkeep.ts';
import type { IpCommand } from '../host/commands/ip-command.ts';
import {
  addressCommand,
  type InterfacePlan,
  isForAllPackets,
  linkUpCommands,
  type PlannedRoute,
  routeCommand,
  routeRemoval,
} from './interface-plans.ts';
import type { InterfaceState } from './interface-state.ts';
import { isSameRule, type RoutingRule, ruleCommand } from './routing-rules.ts';

/** The parts of a plan that an interface lacks, and a route that it must not have. */
export interface MissingParts {
  /** For people, such as `the default route`. */
  readonly what: readonly string[];
  /** Nothing but the route that announces a relay is missing or left: packets flow. */
  readonly isAnnouncementAlone: boolean;
  /** Whether the kernel's switch for IPv6 must be put back before `commands`. */
  readonly needsIpv6: boolean;
  /**
   * Commands that restore it, or its first part: a link that comes up must be read again, because the kernel removed
   * addresses and routes with it.
   */
  readonly commands: readonly IpCommand[];
}

/** The least MTU at which the kernel supports IPv6 on a link. */
const leastIpv6Mtu = 1280;

/** Compares an interface with its plan. Additions by the operator are no fault. */
export function missingParts(plan: InterfacePlan, state: InterfaceState): MissingParts {
  const link = linkFaults(plan, state);
  if (link.length > 0) {
    return {
      what: link,
      isAnnouncementAlone: false,
      needsIpv6: state.isIpv6Disabled,
      commands: linkCommands(plan, state),
    };
  }
  const addresses = plan.addresses.filter(({ address }) => !state.addresses.includes(formatIpv6(address)));
  const routes = plan.routes.filter((route) => !hasRoute(state, route));
  // The address brings its route.
  const isAlone = addresses.length === 0;
  const rules = missingRules(plan, state);
  const left = plan.withdrawn !== undefined && hasRoute(state, plan.withdrawn) ? [plan.withdrawn] : [];
  const ownRoutes = routes.filter(({ comesWithAddress }) => isAlone || comesWithAddress !== true);
  return {
    what: [
      ...addresses.map(({ address }) => `address ${formatIpv6(address)} missing`),
      ...ownRoutes.map(({ destination, source, table }) => {
        const from = source === undefined ? '' : ` from ${formatIpv6(source)}`;
        return `route ${destination}${from}${table === undefined ? '' : ` of table ${table}`} missing`;
      }),
      ...rules.map(({ source, table }) => `rule from ${source} lookup ${table} missing`),
      ...left.map(({ destination, table }) => `route ${destination} of table ${table} not removed`),
    ],
    isAnnouncementAlone:
      addresses.length + rules.length === 0 && ownRoutes.every(({ isAnnouncement }) => isAnnouncement === true),
    needsIpv6: false,
    commands: [
      ...addresses.map((address) => addressCommand(plan, address)),
      ...ownRoutes.map((route) => routeCommand(plan, route)),
      ...rules.map((rule) => ruleCommand('add', rule)),
      ...left.map((route) => routeRemoval(plan, route)),
    ],
  };
}

/** Returns which routes of a plan an interface has. A plan without a route to the service prefix leaves that one to the operator. */
export function presentRoutes(plan: InterfacePlan, state: InterfaceState): TunnelRoutes {
  const forAll = plan.routes.filter(isForAllPackets);
  const has = (isDefault: boolean) =>
    forAll.some((route) => (route.destination === 'default') === isDefault && hasRoute(state, route));
  const isOwn = forAll.some(({ destination }) => destination !== 'default');
  return { ...(isOwn && { 'service-prefix': has(false) }), default: has(true) };
}

/** Returns true if an interface has the route of a plan that announces a relay. */
export function hasAnnouncement(plan: InterfacePlan, state: InterfaceState): boolean {
  return plan.routes.some((route) => route.isAnnouncement === true && hasRoute(state, route));
}

function linkFaults(plan: InterfacePlan, state: InterfaceState): readonly string[] {
  return [
    ...(state.isIpv6Disabled ? ['IPv6 switched off'] : []),
    ...(state.isUp ? [] : ['link down']),
    ...(state.mtu === plan.mtu ? [] : [`MTU ${state.mtu} instead of ${plan.mtu}`]),
  ];
}

function missingRules({ rule }: InterfacePlan, state: InterfaceState): readonly RoutingRule[] {
  return rule === undefined || state.rules.some((each) => isSameRule(each, rule)) ? [] : [rule];
}

function linkCommands(plan: InterfacePlan, state: InterfaceState): readonly IpCommand[] {
  if (state.mtu >= leastIpv6Mtu) return linkUpCommands(plan);
  const { name, mtu } = plan;
  // Below this MTU the kernel discarded all IPv6 settings of the link, including the address mode: an automatic address
  // would appear while the link is up.
  return [
    ['link', 'set', 'dev', name, 'down'],
    ['link', 'set', 'dev', name, 'mtu', String(mtu)],
    ...linkUpCommands(plan),
  ];
}

function hasRoute(state: InterfaceState, planned: PlannedRoute): boolean {
  return state.routes.some(
    ({ destination, source, table, metric }) =>
      destination === planned.destination &&
      table === planned.table &&
      source === (planned.source && formatIpv6(planned.source)) &&
      (planned.metric === undefined || planned.metric === metric),
  );
}
