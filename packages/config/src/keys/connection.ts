import { clientFunction, type Key, none, notServer } from './key.ts';

export type ConnectionKeyName =
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
  | 'secure-algorithm';

/** Settings that say which servers a role uses, and the sockets to reach them. */
export const connectionKeys: readonly Key<ConnectionKeyName>[] = [
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
];
