import {
  type Ipv4Prefix,
  type Ipv6Prefix,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
} from '@navalis/address';
import * as z from 'zod';
import { roles } from '../role.ts';
import { type KeyTable, none } from './key.ts';
import { absolutePath, list, octetsOf, read, wholeNumber } from './schemas.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

export interface OperationValues {
  readonly 'extra-global-ipv4': readonly Ipv4Prefix[];
  readonly 'extra-global-ipv6': readonly Ipv6Prefix[];
  /** The last day as `YYYY-MM-DD`. */
  readonly sunset: string;
  readonly 'status-socket': string;
  readonly http: HttpAddress;
  readonly 'http-token': string;
  /** In lower case. */
  readonly 'http-names': readonly string[];
  readonly 'log-level': LogLevel;
  readonly 'log-format': 'pretty' | 'json';
  /** A program and its arguments. */
  readonly 'on-event': readonly string[];
  /** Seconds. */
  readonly 'on-event-timeout': number;
  /** Seconds. */
  readonly 'drain-time': number;
}

const controlSuffix = '.control';

/** Returns the path of the control socket, which takes the requests that act, beside a status socket. */
export function controlSocketOf(statusSocket: string): string {
  return statusSocket + controlSuffix;
}

/** Settings for the operator of any role: laboratories, status, log. */
export const operationKeys: KeyTable<OperationValues> = {
  'extra-global-ipv4': {
    roles,
    reload: 'at-once',
    reloadFor: { client: 'new-socket' },
    type: 'list',
    placeholder: 'PREFIX',
    schema: list(read(parseIpv4Prefix), 0, 64),
    allowed: 'a list of at most 64 IPv4 prefixes such as 198.51.100.0/24',
    defaultValue: none,
    example: '198.51.100.0/24',
    description: 'reserved IPv4 ranges to treat as global, for laboratories',
  },
  'extra-global-ipv6': {
    roles,
    reload: 'at-once',
    reloadFor: { client: 'new-socket' },
    type: 'list',
    placeholder: 'PREFIX',
    schema: list(read(parseIpv6Prefix), 0, 64),
    allowed: 'a list of at most 64 IPv6 prefixes such as 2001:db8::/32 or fd00::/8',
    defaultValue: none,
    example: '2001:db8::/32',
    description: 'reserved IPv6 ranges to treat as global, for laboratories',
  },
  sunset: {
    roles,
    reload: 'at-start',
    type: 'text',
    placeholder: 'DATE',
    // TOML has dates of its own.
    schema: z.preprocess((value) => (value instanceof Date ? value.toISOString() : value), read(parseDate)),
    allowed: 'a date such as 2027-06-30',
    defaultValue: none,
    example: '2027-06-30',
    description: 'last day of service, in UTC; log and status announce it, and the program refuses to start after it',
  },
  'status-socket': {
    roles,
    reload: 'at-start',
    type: 'text',
    placeholder: 'PATH',
    // The kernel keeps 108 octets for a socket's path, the last of which is zero (unix(7)). The control socket has the longer one.
    schema: absolutePath.refine((path) => octetsOf(controlSocketOf(path)) <= 107),
    allowed: 'an absolute path of at most 99 octets',
    defaultValue: (role) => `/run/teredo-${role}/status.sock`,
    description:
      'Unix socket that answers status and peers; beside it, with .control at the end, the one for ping and trace',
  },
  http: {
    roles,
    reload: 'at-once',
    type: 'text',
    placeholder: 'ADDRESS:PORT',
    schema: read(parseHttpAddress),
    allowed: 'an IP address and a port such as 127.0.0.1:9464 or [::1]:9464',
    defaultValue: none,
    example: '127.0.0.1:9464',
    description: 'TCP address that also serves status and metrics',
  },
  'http-token': {
    roles,
    reload: 'at-once',
    type: 'text',
    placeholder: 'PATH',
    schema: absolutePath,
    allowed: 'an absolute path of a file that its owner alone has access to',
    defaultValue: none,
    example: '/etc/navalis/http-token',
    description:
      'file with the token that requests to http must carry; http takes addresses other than loopback with it',
  },
  'http-names': {
    roles,
    reload: 'at-once',
    type: 'list',
    placeholder: 'NAME',
    schema: list(read(parseHostName), 0, 16),
    allowed: 'a list of at most 16 host names such as status.example.net',
    defaultValue: none,
    example: 'status.example.net',
    description: 'host names by which browsers reach the status server, besides localhost and IP addresses',
  },
  'log-level': {
    roles,
    reload: 'at-once',
    type: 'choice',
    placeholder: 'LEVEL',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    allowed: '"fatal", "error", "warn", "info", "debug", "trace" or "silent"',
    defaultValue: () => 'info',
    description: 'least important kind of log line to write',
  },
  'log-format': {
    roles,
    reload: 'at-start',
    type: 'choice',
    placeholder: 'FORMAT',
    schema: z.enum(['pretty', 'json']),
    allowed: '"pretty" or "json"',
    defaultValue: () => 'pretty',
    description: 'log lines for people, or one JSON object each',
  },
  'on-event': {
    roles,
    reload: 'at-once',
    type: 'list',
    placeholder: 'PROGRAM',
    schema: list(z.string().regex(/^[^\0]{0,4096}$/), 1, 32).refine(([program]) => program?.startsWith('/')),
    allowed: 'the absolute path of a program, or a list of it and at most 31 arguments',
    defaultValue: none,
    example: '/usr/local/bin/on-teredo-event',
    description: 'program to run for each event, such as another address, with the event as JSON on its standard input',
  },
  'on-event-timeout': {
    roles,
    reload: 'at-once',
    type: 'number',
    placeholder: 'SECONDS',
    schema: wholeNumber(1, 600),
    allowed: 'a whole number of seconds from 1 to 600',
    defaultValue: () => '10',
    description: 'seconds until the program of on-event is ended for one event',
  },
  'drain-time': {
    roles: ['server', 'relay'],
    reload: 'at-once',
    type: 'number',
    placeholder: 'SECONDS',
    schema: wholeNumber(0, 3600),
    allowed: 'a whole number of seconds from 0 to 3600',
    defaultValue: () => '0',
    description:
      'seconds for which the program serves on after SIGTERM, while health is 503 and a relay is no longer announced; 0: it stops at once',
  },
};

function parseHttpAddress(text: string): HttpAddress | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text);
  if (parts === null) return undefined;
  const [, ipv6, ipv4, portText] = parts;
  const port = Number(portText);
  const known = ipv6 === undefined ? parseIpv4(ipv4!) : parseIpv6(ipv6);
  return known === undefined || port === 0 || port > 65535 ? undefined : { host: ipv6 ?? ipv4!, port };
}

/** Returns a host name in lower case (RFC 1123 section 2.1), without a dot at its end. */
function parseHostName(text: string): string | undefined {
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  const name = text.toLowerCase();
  return name.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(name) ? name : undefined;
}

/** A day that the calendar has. */
function parseDate(text: string): string | undefined {
  if (!/^2[0-9]{3}-[0-9]{2}-[0-9]{2}$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? undefined : text;
}
