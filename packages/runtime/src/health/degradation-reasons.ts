import type { Role } from '@navalis/config';

/** Reasons why a running role is degraded. A reason is a metric label and a value in `status --json`. */
export type DegradationReason =
  /** The tunnel interface, its addresses or its routes differ from the plan. */
  | 'interface'
  /** The route that announces a relay to the routing daemon beside it cannot be set, or is removed repeatedly. */
  | 'announcement'
  /** A configured address has left this host. */
  | 'address-gone'
  /** A role that is bound to every IPv4 address has none. */
  | 'no-ipv4-address'
  /** A relay's own IPv6 address has gone, and there is no other. */
  | 'no-global-ipv6'
  /** A relay has no route to any network that it serves. */
  | 'no-native-route'
  /** A server forwards nothing to native hosts, because it has no IPv6 connectivity. */
  | 'no-ipv6-connectivity'
  /** The kernel forwards nothing between the interfaces of a relay. */
  | 'forwarding-off'
  /** Nothing that the program sends leaves this host. */
  | 'send-failed'
  /** A client has its address and hears peers, but its server does not answer. */
  | 'server-silent';

/** The roles that each reason can degrade, and the sentence when it ends. */
const reasons: Readonly<Record<DegradationReason, { readonly roles: readonly Role[]; readonly over: string }>> = {
  interface: {
    roles: ['client', 'relay', 'host-relay'],
    over: 'The tunnel interface is configured correctly again.',
  },
  announcement: { roles: ['relay'], over: 'The route that announces this relay is as it should be again.' },
  'address-gone': {
    roles: ['client', 'server', 'relay', 'host-relay'],
    over: 'This host has every configured address again.',
  },
  'no-ipv4-address': { roles: ['relay', 'host-relay'], over: 'This host has an IPv4 address now.' },
  'no-global-ipv6': { roles: ['relay'], over: 'This host has a global IPv6 address again.' },
  'no-native-route': {
    roles: ['relay'],
    over: 'This host has a route to the IPv6 networks that this relay serves now.',
  },
  'no-ipv6-connectivity': { roles: ['server'], over: 'This host has an IPv6 default route with a global address now.' },
  'forwarding-off': { roles: ['relay'], over: 'The kernel forwards IPv6 packets now.' },
  'send-failed': {
    roles: ['client', 'server', 'relay', 'host-relay'],
    over: 'The datagrams of this program leave this host now.',
  },
  'server-silent': { roles: ['client', 'host-relay'], over: 'The server answers again.' },
};

export function degradationReasonsOf(role: string): readonly DegradationReason[] {
  const names = Object.keys(reasons) as DegradationReason[];
  return names.filter((name) => (reasons[name].roles as readonly string[]).includes(role));
}

/** The sentence that ends a degradation. */
export function overSentence(reason: DegradationReason): string {
  return reasons[reason].over;
}
