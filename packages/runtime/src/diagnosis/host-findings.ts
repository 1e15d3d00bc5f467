import type { ClientConfiguration } from '@navalis/config';
import { type FirewallSight, seeFirewall } from '../host/firewall.ts';
import { line } from './diagnosis-page.ts';
import { type NamePreference, namePreference } from './name-preference.ts';

/** The settings of this host that decide who reaches a client, and when programs use it. */
export interface HostFindings {
  /** The firewall in front of the tunnel interface. */
  readonly firewall: FirewallSight;
  readonly names: NamePreference;
}

/** Looks at the settings of this host. Never rejects. */
export async function lookAtHost(): Promise<HostFindings> {
  return { firewall: await seeFirewall(), names: namePreference() };
}

export function hostLines(
  { firewall, names }: HostFindings,
  { interfaceName }: Pick<ClientConfiguration, 'interfaceName'>,
): readonly string[] {
  const firewallTexts: Readonly<Record<FirewallSight, string>> = {
    guards: 'refuses incoming IPv6 packets, by rules of this host',
    open: `none for IPv6: services of this host are reachable through "${interfaceName}"; see "Guard the host" in the client's guide`,
    unknown: 'not seen: run as root to read its rules',
  };
  return [line('Firewall', firewallTexts[firewall]), line('Names', nameTexts[names])];
}

const nameTexts: Readonly<Record<NamePreference, string>> = {
  'ipv4-first': 'with IPv4 and IPv6 addresses are reached by IPv4 first, as RFC 6724 has it',
  'teredo-first':
    'with IPv4 and IPv6 addresses are reached through Teredo first: add "label 2001:0::/32 7" to /etc/gai.conf',
};
