import { formatIpv6, parseIpv6 } from '@navalis/address';
import { type IpRule, ownRules, type RoutingRule } from './routing-rules.ts';

/** The state of an interface at one moment. */
export interface InterfaceState {
  readonly isUp: boolean;
  /** Octets. */
  readonly mtu: number;
  /** The kernel's switch of this interface. */
  readonly isIpv6Disabled: boolean;
  /** IPv6 was switched off for all interfaces. */
  readonly isIpv6DisabledEverywhere: boolean;
  readonly addresses: readonly string[];
  readonly routes: readonly StateRoute[];
  /** The rules of clients on this host; none where they were not asked for. */
  readonly rules: readonly RoutingRule[];
}

interface StateRoute {
  /** As in a plan. */
  readonly destination: string;
  /** Only for packets from this address. */
  readonly source?: string;
  /** The main table when undefined. */
  readonly table?: number;
  readonly metric: number;
}

/**
 * Returns the commands whose output `parseInterfaceState` reads, for one `ip -6 -json` process. The link comes last: after it
 * `ip` shows no addresses any more. Without it `ip` shows nothing for a link without IPv6, such as below MTU 1280. With
 * `withRules`, which asks for routes of all tables and for rules, the process needs `-N`: tables may have names.
 */
export function stateCommands(name: string, withRules: boolean): readonly (readonly string[])[] {
  return [
    ['address', 'show', 'dev', name],
    ['route', 'show', 'dev', name, ...(withRules ? ['table', 'all'] : [])],
    ...(withRules ? [ruleShow] : []),
    ['link', 'show', 'dev', name],
  ];
}

export const ruleShow: readonly string[] = ['rule', 'show'];

/**
 * Parses the output: one JSON array per line. Operators decide the length of the lists.
 * @throws SyntaxError for anything else.
 */
export function parseInterfaceState(
  text: string,
  switches: Pick<InterfaceState, 'isIpv6Disabled' | 'isIpv6DisabledEverywhere'>,
): InterfaceState {
  const lists = listsIn(text);
  const [addresses, routes] = lists;
  const link = lists.at(-1)?.[0];
  if (addresses === undefined || routes === undefined || link?.flags === undefined || link.mtu === undefined) {
    throw new SyntaxError('The output of ip has no flags or no MTU.');
  }
  return {
    ...switches,
    isUp: link.flags.includes('UP'),
    mtu: link.mtu,
    addresses: addresses.flatMap(({ addr_info = [] }) => addr_info.map(({ local = '' }) => canonical(local))),
    routes: routes.map(({ dst = '', from, table, metric = 0 }) => ({
      destination: canonicalPrefix(dst),
      ...(from !== undefined && { source: canonical(from) }),
      ...(table !== undefined && { table: Number(table) }),
      metric,
    })),
    rules: lists.length > 3 ? ownRules(lists[2]!) : [],
  };
}

/** Parses the output of `ip -N -6 -json` for `ruleShow`. @throws SyntaxError for anything else. */
export function parseRules(text: string): readonly RoutingRule[] {
  return listsIn(text).flatMap(ownRules);
}

function listsIn(text: string): readonly (readonly IpObject[])[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as readonly IpObject[]);
}

/** The fields in use of links, addresses, routes and rules in `ip -json`. */
interface IpObject extends IpRule {
  readonly flags?: readonly string[];
  readonly mtu?: number;
  readonly addr_info?: readonly { readonly local?: string }[];
  readonly dst?: string;
  readonly from?: string;
  readonly metric?: number;
}

function canonicalPrefix(text: string): string {
  const [address = '', length] = text.split('/');
  return length === undefined ? text : `${canonical(address)}/${length}`;
}

function canonical(text: string): string {
  const address = parseIpv6(text);
  return address === undefined ? text : formatIpv6(address);
}
