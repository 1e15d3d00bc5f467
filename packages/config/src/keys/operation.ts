import { roles } from '../role.ts';
import { type Key, none } from './key.ts';

export type OperationKeyName =
  | 'extra-global-ipv4'
  | 'extra-global-ipv6'
  | 'sunset'
  | 'status-socket'
  | 'http'
  | 'log-level'
  | 'log-format';

/** Settings for the operator of any role: laboratories, status, log. */
export const operationKeys: readonly Key<OperationKeyName>[] = [
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
