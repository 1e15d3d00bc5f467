import {
  type Ipv4Prefix,
  type Ipv4Value,
  type Ipv6Prefix,
  type Ipv6Value,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
} from '@navalis/address';
import type { AuthenticationAlgorithm } from '@navalis/wire';
import * as z from 'zod';
import { isServicePrefix } from './rules/service-prefix.ts';
import { algorithms, identifierPattern } from './secrets/client-key-file.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

/** The type of each key's value. */
export interface KeyValues {
  readonly enabled: boolean;
  /** The last day as `YYYY-MM-DD`. */
  readonly sunset: string;
  readonly 'native-ipv6': 'step-back' | 'ignore';
  readonly 'managed-network': 'stay-off' | 'ignore';
  readonly server: readonly string[];
  readonly 'server-secondary': readonly Ipv4Value[];
  readonly 'primary-address': Ipv4Value;
  readonly 'secondary-address': Ipv4Value | 'none';
  readonly 'bind-address': Ipv4Value;
  readonly 'bind-port': number;
  /** Seconds. */
  readonly 'refresh-interval': number | 'determine';
  /** Seconds. */
  readonly 'fail-back-interval': number;
  /** Seconds. */
  readonly 'idle-timeout': number | 'off';
  readonly 'local-discovery': string;
  readonly 'client-identifier': string;
  readonly 'secret-file': string;
  readonly 'secure-algorithm': AuthenticationAlgorithm;
  readonly interface: string;
  readonly 'default-route': boolean;
  readonly 'route-metric': number;
  readonly prefix: Ipv6Prefix;
  readonly 'ipv6-address': Ipv6Value;
  readonly 'served-prefix': readonly Ipv6Prefix[];
  readonly 'cone-bit': 'ignore' | 'trust';
  readonly 'max-clients': number;
  readonly mode: 'relay' | 'auto';
  readonly offload: 'auto' | 'off';
  readonly 'source-check': 'address-match' | 'strict';
  readonly 'only-own-clients': 'on' | 'off';
  readonly 'client-keys': string;
  readonly 'require-secure': boolean;
  readonly 'rate-limit': 'on' | 'off';
  readonly 'solicitations-per-second': number;
  readonly 'solicitations-burst': number;
  readonly 'forwards-per-second': number;
  readonly 'new-clients-per-second': number;
  readonly 'extra-global-ipv4': readonly Ipv4Prefix[];
  readonly 'extra-global-ipv6': readonly Ipv6Prefix[];
  readonly 'status-socket': string;
  readonly http: HttpAddress;
  readonly 'log-level': LogLevel;
  readonly 'log-format': 'pretty' | 'json';
}

const ipv4Address = read(parseIpv4);
const truth = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const absolutePath = z.string().startsWith('/');
const octetsOf = (text: string) => new TextEncoder().encode(text).length;

export const valueSchemas: { readonly [Name in keyof KeyValues]: z.ZodType<KeyValues[Name]> } = {
  enabled: truth,
  // TOML has dates of its own.
  sunset: z.preprocess((value) => (value instanceof Date ? value.toISOString() : value), read(parseDate)),
  'native-ipv6': z.enum(['step-back', 'ignore']),
  'managed-network': z.enum(['stay-off', 'ignore']),
  server: list(read(parseServerName), 1, 16),
  'server-secondary': list(ipv4Address, 0, 16),
  'primary-address': ipv4Address,
  'secondary-address': z.union([z.literal('none'), ipv4Address]),
  'bind-address': ipv4Address.refine(isBindable),
  'bind-port': wholeNumber(0, 65_535),
  'refresh-interval': z.union([z.literal('determine'), wholeNumber(5, 3600)]),
  'fail-back-interval': wholeNumber(5, 86_400),
  'idle-timeout': z.union([z.literal('off'), wholeNumber(10, 86_400)]),
  // Interfaces that are there already may have any name that the kernel allows (dev_valid_name).
  'local-discovery': z.string().regex(/^(?!\.{1,2}$)[^\s/:]{1,15}$/),
  'client-identifier': z
    .string()
    .regex(identifierPattern)
    .refine((text) => octetsOf(text) <= 255),
  'secret-file': absolutePath,
  'secure-algorithm': z.enum(algorithms),
  interface: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/),
  'default-route': truth,
  'route-metric': wholeNumber(1, 0xffff_ffff),
  prefix: read(parseIpv6Prefix).refine(isServicePrefix),
  'ipv6-address': read(parseIpv6),
  'served-prefix': list(read(parseIpv6Prefix), 1, 64),
  'cone-bit': z.enum(['ignore', 'trust']),
  'max-clients': wholeNumber(16, 4_000_000),
  mode: z.enum(['relay', 'auto']),
  offload: z.enum(['auto', 'off']),
  'source-check': z.enum(['address-match', 'strict']),
  'only-own-clients': z.enum(['on', 'off']),
  'client-keys': absolutePath,
  'require-secure': truth,
  'rate-limit': z.enum(['on', 'off']),
  'solicitations-per-second': wholeNumber(1, 1_000_000),
  'solicitations-burst': wholeNumber(1, 1_000_000),
  'forwards-per-second': wholeNumber(1, 1_000_000),
  'new-clients-per-second': wholeNumber(1, 1_000_000),
  'extra-global-ipv4': list(read(parseIpv4Prefix), 0, 64),
  'extra-global-ipv6': list(read(parseIpv6Prefix), 0, 64),
  // The kernel keeps 108 octets for a socket's path, the last of which is zero (unix(7)).
  'status-socket': absolutePath.refine((path) => octetsOf(path) <= 107),
  http: read(parseHttpAddress),
  'log-level': z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  'log-format': z.enum(['pretty', 'json']),
};

function read<Value>(parse: (text: string) => Value | undefined) {
  return z.string().transform((text, context): Value => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue('not readable');
    return z.NEVER;
  });
}

function wholeNumber(least: number, most: number) {
  const digits = z
    .string()
    .regex(/^[0-9]{1,10}$/)
    .transform(Number);
  return z.union([z.number(), digits]).pipe(z.int().min(least).max(most));
}

/** Any address, or one that datagrams can come and go with: not this network, loopback, multicast or limited broadcast. */
function isBindable(address: Ipv4Value): boolean {
  const octet = address >>> 24;
  return address === 0 || (octet !== 0 && octet !== 127 && octet < 224) || (octet >= 240 && address !== 0xffff_ffff);
}

/** A list, or a single value that stands for a list of one. */
function list<Value>(item: z.ZodType<Value>, least: number, most: number) {
  return z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).min(least).max(most));
}

/** A host name (RFC 1123 2.1) or an IPv4 address; what looks like an address but is none is no name either. */
function parseServerName(text: string): string | undefined {
  if (/^[0-9.]+$/.test(text)) return parseIpv4(text) === undefined ? undefined : text;
  const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
  return text.length <= 253 && new RegExp(`^${label}(?:\\.${label})*\\.?$`).test(text) ? text : undefined;
}

function parseHttpAddress(text: string): HttpAddress | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})$/.exec(text);
  if (parts === null) return undefined;
  const [, ipv6, ipv4, portText] = parts;
  const port = Number(portText);
  const known = ipv6 === undefined ? parseIpv4(ipv4!) : parseIpv6(ipv6);
  return known === undefined || port === 0 || port > 65535 ? undefined : { host: ipv6 ?? ipv4!, port };
}

/** A day that the calendar has. */
function parseDate(text: string): string | undefined {
  if (!/^2[0-9]{3}-[0-9]{2}-[0-9]{2}$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? undefined : text;
}
