import { type Ipv6Prefix, type Ipv6Value, parseIpv6, parseIpv6Prefix } from '@navalis/address';
import * as z from 'zod';
import { roles } from '../role.ts';
import { isServicePrefix } from '../rules/service-prefix.ts';
import { clientFunction, type Key, type KeyTable, none, notServer, switchKey } from './key.ts';
import { list, read, wholeNumber } from './schemas.ts';

export interface TunnelValues {
  readonly interface: string;
  readonly 'default-route': boolean;
  readonly 'service-route': boolean;
  readonly 'route-metric': number;
  readonly 'routing-table': number | 'off';
  readonly 'announcement-table': number | 'off';
  readonly prefix: Ipv6Prefix;
  readonly 'ipv6-address': Ipv6Value;
  readonly 'served-prefix': readonly Ipv6Prefix[];
  readonly 'cone-bit': 'ignore' | 'trust';
  readonly 'max-peers': number;
  readonly 'max-clients': number;
  readonly mode: 'relay' | 'auto';
  readonly 'native-ipv6': 'step-back' | 'ignore';
  readonly 'managed-network': 'stay-off' | 'ignore';
  readonly offload: 'auto' | 'off';
}

/** The values of a key for a routing table of its own. */
const routingTable: Pick<Key<number | 'off'>, 'schema' | 'allowed' | 'defaultValue'> = {
  // The tables 253 to 255 belong to the kernel.
  schema: z.union([z.literal('off'), wholeNumber(1, 252), wholeNumber(256, 0xffff_ffff)]),
  allowed: 'the number of a routing table from 1 to 252 or from 256 to 4294967295, or "off"',
  defaultValue: () => 'off',
};

/** Settings of the tunnel interface and of the IPv6 that passes through it. */
export const tunnelKeys: KeyTable<TunnelValues> = {
  interface: {
    roles: notServer,
    reload: 'at-start',
    type: 'text',
    placeholder: 'NAME',
    schema: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/),
    allowed: 'an interface name of 1 to 15 letters, digits, "_", "." or "-" that starts with a letter or digit',
    defaultValue: () => 'teredo',
    description: 'name of the tunnel interface',
  },
  'default-route': {
    roles: clientFunction,
    reload: 'at-once',
    ...switchKey,
    defaultValue: () => 'true',
    description:
      'false: no default route into the tunnel; other clients are reached, and packets from the Teredo address still leave through it',
  },
  'service-route': {
    roles: ['relay'],
    reload: 'at-once',
    ...switchKey,
    defaultValue: () => 'true',
    description:
      'false: no route to the service prefix; the operator routes packets into the tunnel, such as shares of them to several relays of this host',
  },
  'route-metric': {
    roles: notServer,
    reload: 'at-once',
    type: 'number',
    placeholder: 'METRIC',
    schema: wholeNumber(1, 0xffff_ffff),
    allowed: 'a whole number from 1 to 4294967295',
    defaultValue: none,
    example: '2048',
    description:
      "metric of the route into the tunnel: a client's default route, a relay's route to the service prefix (default: 1000000 for a client, 1024 for a relay)",
    descriptionFor: {
      client: 'metric of the default route into the tunnel (default: 1000000)',
      relay: 'metric of the route to the service prefix into the tunnel (default: 1024)',
    },
  },
  'routing-table': {
    roles: clientFunction,
    reload: 'at-once',
    type: 'number',
    placeholder: 'TABLE',
    ...routingTable,
    description:
      'a routing table that nothing else uses: a rule has it decide on packets from the Teredo address, so that no other route or rule takes them',
  },
  'announcement-table': {
    roles: ['relay'],
    reload: 'at-start',
    type: 'number',
    placeholder: 'TABLE',
    ...routingTable,
    description:
      'a routing table that forwards nothing: while the relay works, it holds a route to the service prefix, for a routing daemon to announce',
  },
  prefix: {
    roles: ['relay'],
    reload: 'at-start',
    type: 'text',
    placeholder: 'PREFIX',
    schema: read(parseIpv6Prefix).refine(isServicePrefix),
    allowed: 'a service prefix of exactly 32 bits inside 2000::/3 such as 2001::/32',
    defaultValue: () => '2001::/32',
    description: 'Teredo service prefix that the relay serves',
  },
  'ipv6-address': {
    roles: ['relay'],
    reload: 'at-start',
    type: 'text',
    placeholder: 'ADDRESS',
    schema: read(parseIpv6),
    allowed: 'a global IPv6 address outside the service prefix, neither reserved nor for documentation',
    defaultValue: none,
    example: '2001:db8::1',
    description: "the relay's own IPv6 address, source of its bubbles (default: a global address of this host)",
  },
  'served-prefix': {
    roles: ['relay'],
    reload: 'at-once',
    type: 'list',
    placeholder: 'PREFIX',
    schema: list(read(parseIpv6Prefix), 1, 64),
    allowed: 'a list of 1 to 64 IPv6 prefixes inside 2000::/3, outside the service prefix and what is reserved',
    defaultValue: () => '2000::/3',
    description: 'the relay forwards only between clients and IPv6 hosts in these ranges',
  },
  'cone-bit': {
    roles: notServer,
    reload: 'new-socket',
    reloadFor: { relay: 'at-start', 'host-relay': 'at-start' },
    type: 'choice',
    placeholder: 'WHAT',
    schema: z.enum(['ignore', 'trust']),
    allowed: '"ignore" or "trust"',
    defaultValue: () => 'ignore',
    description:
      'trust: send to addresses with the cone bit without waiting for an answer, and test for a cone NAT first; less safe (RFC 5991)',
  },
  'max-peers': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'number',
    placeholder: 'COUNT',
    schema: wholeNumber(16, 1_000_000),
    allowed: 'a whole number from 16 to 1000000',
    defaultValue: () => '1024',
    description: 'peers that the client knows at once; when the table is full, the least recently heard is removed',
  },
  'max-clients': {
    roles: ['relay'],
    reload: 'at-start',
    type: 'number',
    placeholder: 'COUNT',
    schema: wholeNumber(16, 4_000_000),
    allowed: 'a whole number from 16 to 4000000',
    defaultValue: () => '65536',
    description:
      'clients that the relay knows at once, at 150 octets of memory each; when the table is full, the least recently heard is removed',
  },
  mode: {
    roles: ['host-relay'],
    reload: 'at-start',
    type: 'choice',
    placeholder: 'MODE',
    schema: z.enum(['relay', 'auto']),
    allowed: '"relay" or "auto"',
    defaultValue: () => 'relay',
    description: 'while this host has no native IPv6: "relay" waits, "auto" does the client\'s part (needs server)',
  },
  'native-ipv6': {
    roles: ['client'],
    reload: 'at-once',
    type: 'choice',
    placeholder: 'WHAT',
    schema: z.enum(['step-back', 'ignore']),
    allowed: '"step-back" or "ignore"',
    defaultValue: () => 'step-back',
    description: 'while this host has other IPv6 connectivity: do not use Teredo, or ignore it',
  },
  'managed-network': {
    roles: clientFunction,
    reload: 'at-once',
    type: 'choice',
    placeholder: 'WHAT',
    schema: z.enum(['stay-off', 'ignore']),
    allowed: '"stay-off" or "ignore"',
    defaultValue: () => 'stay-off',
    description: 'on a host that is a member of a managed domain: do not use Teredo, or ignore it',
  },
  offload: {
    roles,
    reload: 'at-start',
    type: 'choice',
    placeholder: 'WHEN',
    schema: z.enum(['auto', 'off']),
    allowed: '"auto" or "off"',
    defaultValue: () => 'auto',
    description: 'segmentation offloads: those that the kernel offers, or none',
  },
};
