import { type Ipv4Value, parseIpv4, teredoPort } from '@navalis/address';
import type { AuthenticationAlgorithm } from '@navalis/wire';
import * as z from 'zod';
import { algorithms, identifierPattern } from '../secrets/client-names.ts';
import { clientFunction, type KeyTable, none, notServer, switchKey } from './key.ts';
import { absolutePath, ipv4Address, list, octetsOf, read, wholeNumber } from './schemas.ts';

export interface ConnectionValues {
  readonly enabled: boolean;
  readonly server: readonly string[];
  readonly 'server-secondary': readonly Ipv4Value[];
  readonly 'server-order': 'listed' | 'spread' | 'fastest';
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
}

/** Settings for servers and sockets. */
export const connectionKeys: KeyTable<ConnectionValues> = {
  enabled: {
    roles: ['client'],
    reload: 'at-once',
    ...switchKey,
    defaultValue: () => 'true',
    description: 'false: answer the status command only, and open neither socket nor interface',
  },
  server: {
    roles: clientFunction,
    reload: 'at-once',
    type: 'list',
    placeholder: 'HOST',
    schema: list(read(parseServerName), 1, 16),
    allowed: 'a list of 1 to 16 host names or global IPv4 addresses of Teredo servers',
    defaultValue: none,
    example: 'teredo.example.net',
    description: 'Teredo servers by name or primary IPv4 address, in order of preference (required)',
    descriptionFor: {
      'host-relay':
        'Teredo servers by name or primary IPv4 address, in order of preference (required with --mode auto, else refused)',
    },
  },
  'server-secondary': {
    roles: clientFunction,
    reload: 'at-once',
    type: 'list',
    placeholder: 'ADDRESS',
    schema: list(ipv4Address, 0, 16),
    allowed: 'a list of global IPv4 addresses, one for each server in the same order and different from it',
    defaultValue: none,
    example: '192.0.2.2',
    description: 'secondary addresses of the servers, in the same order (default: each primary address + 1)',
  },
  'server-order': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'choice',
    placeholder: 'ORDER',
    schema: z.enum(['listed', 'spread', 'fastest']),
    allowed: '"listed", "spread" or "fastest"',
    defaultValue: () => 'listed',
    description:
      'the order in which this client tries its servers: as listed, a random one, or by the time of their answers; it tries the addresses of one name in a random order in any case',
  },
  'primary-address': {
    roles: ['server'],
    reload: 'at-start',
    type: 'text',
    placeholder: 'ADDRESS',
    schema: ipv4Address,
    allowed: 'a global IPv4 address of this host',
    defaultValue: none,
    example: '192.0.2.1',
    description: "IPv4 address of the server, which its clients' addresses embed (required)",
  },
  'secondary-address': {
    roles: ['server'],
    reload: 'at-start',
    type: 'text',
    placeholder: 'ADDRESS',
    schema: z.union([z.literal('none'), ipv4Address]),
    allowed: 'a global IPv4 address of this host other than the primary address, or "none"',
    defaultValue: none,
    example: '192.0.2.2',
    description: 'second IPv4 address, or "none" (default: primary address + 1)',
  },
  'bind-address': {
    roles: notServer,
    reload: 'at-start',
    type: 'text',
    placeholder: 'ADDRESS',
    schema: ipv4Address.refine(isBindable),
    allowed: '0.0.0.0, or an IPv4 address of this host that is no loopback, multicast or broadcast address',
    defaultValue: () => '0.0.0.0',
    description: 'local IPv4 address to send from; 0.0.0.0 leaves the choice to routing',
  },
  'bind-port': {
    roles: notServer,
    reload: 'at-start',
    type: 'number',
    placeholder: 'PORT',
    schema: wholeNumber(0, 65_535),
    allowed: 'a port from 0 to 65535',
    defaultValue: (role) => (role === 'client' ? '0' : String(teredoPort)),
    description: 'local UDP port; 0 takes any free one',
  },
  'refresh-interval': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'number',
    placeholder: 'SECONDS',
    schema: z.union([z.literal('determine'), wholeNumber(5, 3600)]),
    allowed: 'a whole number of seconds from 5 to 3600, or "determine"',
    defaultValue: () => '30',
    description:
      'longest interval in seconds between refreshes of the mapping in the NAT; determine measures what the NAT allows, from 5 to 90',
  },
  'fail-back-interval': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'number',
    placeholder: 'SECONDS',
    schema: wholeNumber(5, 86_400),
    allowed: 'a whole number of seconds from 5 to 86400',
    defaultValue: () => '600',
    description: 'seconds until the client tests whether a server earlier in the list than the one in use is back',
  },
  'idle-timeout': {
    roles: clientFunction,
    reload: 'at-once',
    type: 'number',
    placeholder: 'SECONDS',
    schema: z.union([z.literal('off'), wholeNumber(10, 86_400)]),
    allowed: 'a whole number of seconds from 10 to 86400, or "off"',
    defaultValue: () => 'off',
    description:
      'close the socket after so many seconds in which this host sent nothing through the tunnel, until it sends again',
  },
  'local-discovery': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'text',
    placeholder: 'INTERFACE',
    // Existing interfaces may have any name that the kernel allows (dev_valid_name).
    schema: z.string().regex(/^(?!\.{1,2}$)[^\s/:]{1,15}$/),
    allowed: 'the name of a network interface of this host, or "off"',
    defaultValue: () => 'off',
    description: 'look for other clients behind the same NAT on the link of this interface, by multicast',
  },
  'client-identifier': {
    roles: clientFunction,
    reload: 'at-start',
    type: 'text',
    placeholder: 'TEXT',
    schema: z
      .string()
      .regex(identifierPattern)
      .refine((text) => octetsOf(text) <= 255),
    allowed: '1 to 255 octets of printable text without spaces that does not start with "#"',
    defaultValue: none,
    example: 'alice',
    description: 'name of this client at its servers; with secret-file it enables secure qualification',
  },
  'secret-file': {
    roles: clientFunction,
    reload: 'at-start',
    type: 'text',
    placeholder: 'PATH',
    schema: absolutePath,
    allowed: 'an absolute path of a file that its owner alone has access to',
    defaultValue: none,
    example: '/etc/navalis/secret',
    description: 'file with the secret that this client shares with its servers, in one line',
  },
  'secure-algorithm': {
    roles: clientFunction,
    reload: 'at-start',
    type: 'choice',
    placeholder: 'NAME',
    schema: z.enum(algorithms),
    allowed: '"hmac-sha1" or "hmac-sha256"',
    defaultValue: () => 'hmac-sha1',
    description: 'algorithm of the authentication; the servers must use the same',
  },
};

/** 0.0.0.0, or an address that can send and receive datagrams: not this network, loopback, multicast or limited broadcast. */
function isBindable(address: Ipv4Value): boolean {
  const octet = address >>> 24;
  return address === 0 || (octet !== 0 && octet !== 127 && octet < 224) || (octet >= 240 && address !== 0xffff_ffff);
}

/** A host name (RFC 1123 2.1) or an IPv4 address; a malformed IPv4 address is not a name either. */
function parseServerName(text: string): string | undefined {
  if (/^[0-9.]+$/.test(text)) return parseIpv4(text) === undefined ? undefined : text;
  const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
  return text.length <= 253 && new RegExp(`^${label}(?:\\.${label})*\\.?$`).test(text) ? text : undefined;
}
