import { roles } from '../role.ts';
import { clientFunction, type Key, none, notServer } from './key.ts';

export type TunnelKeyName =
  | 'interface'
  | 'default-route'
  | 'route-metric'
  | 'prefix'
  | 'ipv6-address'
  | 'served-prefix'
  | 'cone-bit'
  | 'max-clients'
  | 'mode'
  | 'native-ipv6'
  | 'managed-network'
  | 'offload';

/** Settings of the tunnel interface and of the IPv6 that passes through it. */
export const tunnelKeys: readonly Key<TunnelKeyName>[] = [
  {
    name: 'interface',
    roles: notServer,
    type: 'text',
    placeholder: 'NAME',
    allowed: 'an interface name of 1 to 15 letters, digits, "_", "." or "-" that starts with a letter or digit',
    defaultValue: () => 'teredo',
    description: 'name of the tunnel interface',
  },
  {
    name: 'default-route',
    roles: clientFunction,
    type: 'choice',
    placeholder: 'SWITCH',
    allowed: 'true or false',
    defaultValue: () => 'true',
    description:
      'false: no default route into the tunnel; other clients are reached, and packets from the Teredo address still leave through it',
  },
  {
    name: 'route-metric',
    roles: notServer,
    type: 'number',
    placeholder: 'METRIC',
    allowed: 'a whole number from 1 to 4294967295',
    defaultValue: none,
    description:
      "metric of the route into the tunnel: a client's default route, a relay's route to the service prefix (default: 1000000 for a client, 1024 for a relay)",
  },
  {
    name: 'prefix',
    roles: ['relay'],
    type: 'text',
    placeholder: 'PREFIX',
    allowed: 'a service prefix of exactly 32 bits inside 2000::/3 such as 2001::/32',
    defaultValue: () => '2001::/32',
    description: 'Teredo service prefix that the relay serves',
  },
  {
    name: 'ipv6-address',
    roles: ['relay'],
    type: 'text',
    placeholder: 'ADDRESS',
    allowed: 'a global IPv6 address outside the service prefix, neither reserved nor for documentation',
    defaultValue: none,
    description: "the relay's own IPv6 address, source of its bubbles (default: a global address of this host)",
  },
  {
    name: 'served-prefix',
    roles: ['relay'],
    type: 'list',
    placeholder: 'PREFIX',
    allowed: 'a list of 1 to 64 IPv6 prefixes inside 2000::/3, outside the service prefix and what is reserved',
    defaultValue: () => '2000::/3',
    description: 'IPv6 ranges whose hosts the relay puts in touch with clients',
  },
  {
    name: 'cone-bit',
    roles: notServer,
    type: 'choice',
    placeholder: 'WHAT',
    allowed: '"ignore" or "trust"',
    defaultValue: () => 'ignore',
    description:
      'the cone bit in addresses; trust sends to such clients before they answered, and looks for a cone NAT first, as before RFC 5991',
  },
  {
    name: 'max-clients',
    roles: ['relay'],
    type: 'number',
    placeholder: 'COUNT',
    allowed: 'a whole number from 16 to 4000000',
    defaultValue: () => '65536',
    description:
      'clients that the relay knows at once, at 150 octets of memory each; the least recently heard are evicted first',
  },
  {
    name: 'mode',
    roles: ['host-relay'],
    type: 'choice',
    placeholder: 'MODE',
    allowed: '"relay" or "auto"',
    defaultValue: () => 'relay',
    description: 'while this host has no native IPv6: "relay" waits, "auto" does the client\'s part (needs server)',
  },
  {
    name: 'native-ipv6',
    roles: ['client'],
    type: 'choice',
    placeholder: 'WHAT',
    allowed: '"step-back" or "ignore"',
    defaultValue: () => 'step-back',
    description: 'while this host has other IPv6 connectivity: do not use Teredo, or ignore it',
  },
  {
    name: 'managed-network',
    roles: clientFunction,
    type: 'choice',
    placeholder: 'WHAT',
    allowed: '"stay-off" or "ignore"',
    defaultValue: () => 'stay-off',
    description: 'on a host that is a member of a managed domain: do not use Teredo, or ignore it',
  },
  {
    name: 'offload',
    roles,
    type: 'choice',
    placeholder: 'WHEN',
    allowed: '"auto" or "off"',
    defaultValue: () => 'auto',
    description: 'segmentation offloads: those that the kernel offers, or none',
  },
];
