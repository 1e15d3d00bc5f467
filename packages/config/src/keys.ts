import { type Role, roles } from './role.ts';

/** How a value is written: `list` repeats or is comma separated as a flag, and is an array in TOML. */
export type KeyType = 'text' | 'number' | 'choice' | 'list';

export type KeyName =
  | 'enabled'
  | 'server'
  | 'server-secondary'
  | 'primary-address'
  | 'secondary-address'
  | 'bind-address'
  | 'bind-port'
  | 'refresh-interval'
  | 'fail-back-interval'
  | 'idle-timeout'
  | 'local-discovery'
  | 'client-identifier'
  | 'secret-file'
  | 'secure-algorithm'
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
  | 'offload'
  | 'source-check'
  | 'only-own-clients'
  | 'client-keys'
  | 'require-secure'
  | 'rate-limit'
  | 'solicitations-per-second'
  | 'solicitations-burst'
  | 'forwards-per-second'
  | 'new-clients-per-second'
  | 'extra-global-ipv4'
  | 'extra-global-ipv6'
  | 'sunset'
  | 'status-socket'
  | 'http'
  | 'log-level'
  | 'log-format';

/** One configuration key: a TOML key and a flag of the same name. */
export interface ConfigurationKey {
  readonly name: KeyName;
  readonly roles: readonly Role[];
  readonly type: KeyType;
  /** What stands for the value in `--help`. */
  readonly placeholder: string;
  /** What the key takes, as the end of a sentence. */
  readonly allowed: string;
  /** The value when the key is not set, as one would write it; undefined when it has none or is found at start. */
  readonly defaultValue: (role: Role) => string | undefined;
  readonly description: string;
  /** In place of it where a role needs other words. */
  readonly descriptionFor?: Partial<Readonly<Record<Role, string>>>;
}

const none = () => undefined;
/** The host-specific relay has them for the times in which it does the client's part. */
const clientFunction: readonly Role[] = ['client', 'host-relay'];
const notServer: readonly Role[] = ['client', 'relay', 'host-relay'];

/** Every key of every role, in the order of the documentation. */
export const configurationKeys: readonly ConfigurationKey[] = [
  {
    name: 'enabled',
    roles: ['client'],
    type: 'choice',
    placeholder: 'SWITCH',
    allowed: 'true or false',
    defaultValue: () => 'true',
    description: 'false: run, answer the status command, and open neither socket nor interface',
  },
  {
    name: 'server',
    roles: clientFunction,
    type: 'list',
    placeholder: 'HOST',
    allowed: 'a list of 1 to 16 host names or global IPv4 addresses of Teredo servers',
    defaultValue: none,
    description: 'Teredo servers by name or primary IPv4 address, in order of preference (required)',
    descriptionFor: {
      'host-relay':
        'Teredo servers by name or primary IPv4 address, in order of preference (required with --mode auto, else refused)',
    },
  },
  {
    name: 'server-secondary',
    roles: clientFunction,
    type: 'list',
    placeholder: 'ADDRESS',
    allowed: 'a list of global IPv4 addresses, one for each server in the same order and different from it',
    defaultValue: none,
    description: 'secondary addresses of the servers, in the same order (default: each primary address + 1)',
  },
  {
    name: 'primary-address',
    roles: ['server'],
    type: 'text',
    placeholder: 'ADDRESS',
    allowed: 'a global IPv4 address of this host',
    defaultValue: none,
    description: 'IPv4 address that clients know the server by (required)',
  },
  {
    name: 'secondary-address',
    roles: ['server'],
    type: 'text',
    placeholder: 'ADDRESS',
    allowed: 'a global IPv4 address of this host other than the primary address, or "none"',
    defaultValue: none,
    description: 'second IPv4 address, or "none" (default: primary address + 1)',
  },
  {
    name: 'bind-address',
    roles: notServer,
    type: 'text',
    placeholder: 'ADDRESS',
    allowed: '0.0.0.0, or an IPv4 address of this host that is no loopback, multicast or broadcast address',
    defaultValue: () => '0.0.0.0',
    description: 'local IPv4 address to send from; 0.0.0.0 leaves the choice to routing',
  },
  {
    name: 'bind-port',
    roles: notServer,
    type: 'number',
    placeholder: 'PORT',
    allowed: 'a port from 0 to 65535',
    defaultValue: (role) => (role === 'client' ? '0' : '3544'),
    description: 'local UDP port; 0 takes any free one',
  },
  {
    name: 'refresh-interval',
    roles: clientFunction,
    type: 'number',
    placeholder: 'SECONDS',
    allowed: 'a whole number of seconds from 5 to 3600, or "determine"',
    defaultValue: () => '30',
    description:
      'seconds after which the mapping in the NAT is refreshed at the latest; determine finds out, from 5 to 90, what the NAT allows',
  },
  {
    name: 'fail-back-interval',
    roles: clientFunction,
    type: 'number',
    placeholder: 'SECONDS',
    allowed: 'a whole number of seconds from 5 to 86400',
    defaultValue: () => '600',
    description: 'seconds until a server earlier in the list than the one in use is asked whether it is back',
  },
  {
    name: 'idle-timeout',
    roles: clientFunction,
    type: 'number',
    placeholder: 'SECONDS',
    allowed: 'a whole number of seconds from 10 to 86400, or "off"',
    defaultValue: () => 'off',
    description: 'close the socket when this host has sent nothing through the tunnel for so long, until it does again',
  },
  {
    name: 'local-discovery',
    roles: clientFunction,
    type: 'text',
    placeholder: 'INTERFACE',
    allowed: 'the name of a network interface of this host, or "off"',
    defaultValue: () => 'off',
    description: 'look for other clients behind the same NAT on the link of this interface, by multicast',
  },
  {
    name: 'client-identifier',
    roles: clientFunction,
    type: 'text',
    placeholder: 'TEXT',
    allowed: '1 to 255 octets of printable text without spaces that does not start with "#"',
    defaultValue: none,
    description: 'what the servers know this client by; it and secret-file switch secure qualification on',
  },
  {
    name: 'secret-file',
    roles: clientFunction,
    type: 'text',
    placeholder: 'PATH',
    allowed: 'an absolute path of a file that its owner alone has access to',
    defaultValue: none,
    description: 'file with the secret that this client shares with its servers, in one line',
  },
  {
    name: 'secure-algorithm',
    roles: clientFunction,
    type: 'choice',
    placeholder: 'NAME',
    allowed: '"hmac-sha1" or "hmac-sha256"',
    defaultValue: () => 'hmac-sha1',
    description: 'how the secret is used; the servers must have the same',
  },
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
      'clients that the relay knows at once, at 150 octets of memory each; the least recently heard give way',
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
  {
    name: 'source-check',
    roles: ['server'],
    type: 'choice',
    placeholder: 'CHECK',
    allowed: '"address-match" or "strict"',
    defaultValue: () => 'address-match',
    description:
      'what of a client must match the source of its bubbles: its address alone, as symmetric NATs need, or its port too',
  },
  {
    name: 'only-own-clients',
    roles: ['server'],
    type: 'choice',
    placeholder: 'SWITCH',
    allowed: '"on" or "off"',
    defaultValue: () => 'off',
    description: 'refuse to pass bubbles and echo packets on to clients of other servers',
  },
  {
    name: 'client-keys',
    roles: ['server'],
    type: 'text',
    placeholder: 'PATH',
    allowed: 'an absolute path of a file that its owner alone has access to',
    defaultValue: none,
    description: 'file with the secrets of clients, one a line; read again on SIGHUP',
  },
  {
    name: 'require-secure',
    roles: ['server'],
    type: 'choice',
    placeholder: 'SWITCH',
    allowed: 'true or false',
    defaultValue: () => 'false',
    description: 'true: answer the solicitations of clients in client-keys alone',
  },
  {
    name: 'rate-limit',
    roles: ['server', 'relay'],
    type: 'choice',
    placeholder: 'SWITCH',
    allowed: '"on" or "off"',
    defaultValue: () => 'on',
    description: 'the limits below; off is for benchmarks only',
  },
  {
    name: 'solicitations-per-second',
    roles: ['server'],
    type: 'number',
    placeholder: 'COUNT',
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: () => '50',
    description:
      'solicitations answered per second for each IPv4 address, which may be that of a NAT with many clients',
  },
  {
    name: 'solicitations-burst',
    roles: ['server'],
    type: 'number',
    placeholder: 'COUNT',
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: () => '200',
    description: 'solicitations answered at once for an IPv4 address that was quiet before',
  },
  {
    name: 'forwards-per-second',
    roles: ['server'],
    type: 'number',
    placeholder: 'COUNT',
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: () => '200',
    description: 'bubbles and echo packets passed on per second for each IPv4 address; twice as many at once',
  },
  {
    name: 'new-clients-per-second',
    roles: ['relay'],
    type: 'number',
    placeholder: 'COUNT',
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: () => '100',
    description: 'clients not known before that packets for them may add per second; twice as many at once',
  },
  {
    name: 'extra-global-ipv4',
    roles,
    type: 'list',
    placeholder: 'PREFIX',
    allowed: 'a list of at most 64 IPv4 prefixes such as 198.51.100.0/24',
    defaultValue: none,
    description: 'reserved IPv4 ranges to treat as global, for laboratories',
  },
  {
    name: 'extra-global-ipv6',
    roles,
    type: 'list',
    placeholder: 'PREFIX',
    allowed: 'a list of at most 64 IPv6 prefixes such as 2001:db8::/32 or fd00::/8',
    defaultValue: none,
    description: 'reserved IPv6 ranges to treat as global, for laboratories',
  },
  {
    name: 'sunset',
    roles,
    type: 'text',
    placeholder: 'DATE',
    allowed: 'a date such as 2027-06-30',
    defaultValue: none,
    description: 'last day of service, in UTC; the program says so in log and status, and refuses to start later',
  },
  {
    name: 'status-socket',
    roles,
    type: 'text',
    placeholder: 'PATH',
    allowed: 'an absolute path of at most 107 octets',
    defaultValue: (role) => `/run/teredo-${role}/status.sock`,
    description: 'Unix socket that answers the status command',
  },
  {
    name: 'http',
    roles,
    type: 'text',
    placeholder: 'ADDRESS:PORT',
    allowed: 'an IP address and a port such as 127.0.0.1:9464 or [::1]:9464',
    defaultValue: none,
    description: 'TCP address that also serves status and metrics',
  },
  {
    name: 'log-level',
    roles,
    type: 'choice',
    placeholder: 'LEVEL',
    allowed: '"fatal", "error", "warn", "info", "debug", "trace" or "silent"',
    defaultValue: () => 'info',
    description: 'least important kind of log line to write',
  },
  {
    name: 'log-format',
    roles,
    type: 'choice',
    placeholder: 'FORMAT',
    allowed: '"pretty" or "json"',
    defaultValue: () => 'pretty',
    description: 'log lines for people, or one JSON object each',
  },
];

export function keysOf(role: Role): readonly ConfigurationKey[] {
  return configurationKeys.filter((key) => key.roles.includes(role));
}
