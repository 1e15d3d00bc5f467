import * as z from 'zod';
import { type KeyTable, none, switchKey } from './key.ts';
import { absolutePath, wholeNumber } from './schemas.ts';

export interface AdmissionValues {
  readonly 'source-check': 'address-match' | 'strict';
  readonly 'only-own-clients': 'on' | 'off';
  readonly 'client-keys': string;
  readonly 'require-secure': boolean;
  readonly 'rate-limit': 'on' | 'off';
  readonly 'solicitations-per-second': number;
  readonly 'solicitations-burst': number;
  readonly 'forwards-per-second': number;
  readonly 'new-clients-per-second': number;
}

/** Settings for the packets that a server or relay accepts, and their limits. */
export const admissionKeys: KeyTable<AdmissionValues> = {
  'source-check': {
    roles: ['server'],
    reload: 'at-once',
    type: 'choice',
    placeholder: 'CHECK',
    schema: z.enum(['address-match', 'strict']),
    allowed: '"address-match" or "strict"',
    defaultValue: () => 'address-match',
    description:
      "the part of a client's Teredo address that must match the sender of a bubble: the IPv4 address, or the port as well, which refuses clients behind symmetric NATs",
  },
  'only-own-clients': {
    roles: ['server'],
    reload: 'at-once',
    type: 'choice',
    placeholder: 'SWITCH',
    schema: z.enum(['on', 'off']),
    allowed: '"on" or "off"',
    defaultValue: () => 'off',
    description: 'on: pass bubbles and echo packets only to clients of this server',
  },
  'client-keys': {
    roles: ['server'],
    reload: 'at-once',
    type: 'text',
    placeholder: 'PATH',
    schema: absolutePath,
    allowed: 'an absolute path of a file that its owner alone has access to',
    defaultValue: none,
    example: '/etc/navalis/client-keys',
    description: 'file with the secrets of clients, one a line; read again on SIGHUP',
  },
  'require-secure': {
    roles: ['server'],
    reload: 'at-once',
    ...switchKey,
    defaultValue: () => 'false',
    description: 'true: answer only solicitations of clients in client-keys',
  },
  'rate-limit': {
    roles: ['server', 'relay'],
    reload: 'at-once',
    type: 'choice',
    placeholder: 'SWITCH',
    schema: z.enum(['on', 'off']),
    allowed: '"on" or "off"',
    defaultValue: () => 'on',
    description: 'the limits below; off is for benchmarks only',
  },
  'solicitations-per-second': {
    roles: ['server'],
    reload: 'at-once',
    type: 'number',
    placeholder: 'COUNT',
    schema: wholeNumber(1, 1_000_000),
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: () => '50',
    description:
      'solicitations answered per second for each IPv4 address, which may be that of a NAT with many clients',
  },
  'solicitations-burst': {
    roles: ['server'],
    reload: 'at-once',
    type: 'number',
    placeholder: 'COUNT',
    schema: wholeNumber(1, 1_000_000),
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: () => '200',
    description: 'solicitations answered at once for an IPv4 address that sent none before',
  },
  'forwards-per-second': {
    roles: ['server'],
    reload: 'at-once',
    type: 'number',
    placeholder: 'COUNT',
    schema: wholeNumber(1, 1_000_000),
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: () => '200',
    description: 'bubbles and echo packets passed on per second for each IPv4 address; twice as many at once',
  },
  'new-clients-per-second': {
    roles: ['relay'],
    reload: 'at-once',
    type: 'number',
    placeholder: 'COUNT',
    schema: wholeNumber(1, 1_000_000),
    allowed: 'a whole number from 1 to 1000000',
    defaultValue: none,
    example: '100',
    description:
      'new clients that packets from the native side may add per second; twice as many at once (default: one for each 655 of max-clients, at least 100)',
  },
};
