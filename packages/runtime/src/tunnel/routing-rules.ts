import { formatIpv6, isTeredo, parseIpv6 } from '@navalis/address';
import type { IpCommand } from '../host/commands/ip-command.ts';

/** A rule that has a routing table decide on packets from one address. Unlike a route, it outlives the tunnel interface. */
export interface RoutingRule {
  /** As `formatIpv6` returns it. */
  readonly source: string;
  readonly table: number;
}

/** Our choice: after the table `local`, before the rules of VPNs (5210 of Tailscale, 32764 and 32765 of wg-quick). */
const priority = 3544;

/** A rule in the output of `ip -json`. */
export interface IpRule {
  readonly priority?: number;
  readonly src?: string;
  readonly table?: string;
}

/** The fields of a rule of ours; a rule with others, such as `srclen` or `fwmark`, is another program's. */
const ownFields: readonly string[] = ['priority', 'src', 'table', 'protocol'];

/** Returns the rules that a client made: from a single Teredo address, with the priority of ours. */
export function ownRules(rules: readonly IpRule[]): readonly RoutingRule[] {
  return rules.flatMap((rule) => {
    const source = parseIpv6(rule.src ?? '');
    const isOwn = rule.priority === priority && Object.keys(rule).every((field) => ownFields.includes(field));
    if (!isOwn || source === undefined || !isTeredo(source)) return [];
    return [{ source: formatIpv6(source), table: Number(rule.table) }];
  });
}

/** Returns the commands after which `wanted` is the only rule of ours in some tables: a killed program left its own. */
export function ruleCommands(
  present: readonly RoutingRule[],
  wanted: RoutingRule | undefined,
  tables: readonly number[],
): readonly IpCommand[] {
  const stale = present.filter((rule) => tables.includes(rule.table) && !(wanted && isSameRule(rule, wanted)));
  const isThere = wanted === undefined || present.some((rule) => isSameRule(rule, wanted));
  return [...(isThere ? [] : [ruleCommand('add', wanted)]), ...stale.map((rule) => ruleCommand('del', rule))];
}

export function ruleCommand(verb: 'add' | 'del', { source, table }: RoutingRule): IpCommand {
  return ['rule', verb, 'from', source, 'lookup', String(table), 'priority', String(priority)];
}

export function isSameRule(one: RoutingRule, other: RoutingRule): boolean {
  return one.source === other.source && one.table === other.table;
}
