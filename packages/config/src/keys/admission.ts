import { type Key, none } from './key.ts';

export type AdmissionKeyName =
  | 'source-check'
  | 'only-own-clients'
  | 'client-keys'
  | 'require-secure'
  | 'rate-limit'
  | 'solicitations-per-second'
  | 'solicitations-burst'
  | 'forwards-per-second'
  | 'new-clients-per-second';

/** Settings that say which packets a server or relay accepts, and how many. */
export const admissionKeys: readonly Key<AdmissionKeyName>[] = [
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
];
