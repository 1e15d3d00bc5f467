import { parseTurnUri } from '@navalis/turn';
import * as z from 'zod';
import { clientFunction, type KeyTable, none } from './key.ts';
import { absolutePath, list, read } from './schemas.ts';

/** When a client's service port is an allocation on a TURN server. */
export type TurnUse = 'fallback' | 'always' | 'off';

export interface TurnValues {
  /** URIs (RFC 7065). */
  readonly turn: readonly string[];
  readonly 'turn-credentials': string;
  readonly 'turn-use': TurnUse;
}

/** Settings of the TURN servers that relay for a client. */
export const turnKeys: KeyTable<TurnValues> = {
  turn: {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'list',
    placeholder: 'URI',
    schema: list(
      read((text) => (parseTurnUri(text) === undefined ? undefined : text)),
      1,
      8,
    ),
    allowed: 'a list of 1 to 8 URIs such as "turn:turn.example.net" or "turns:192.0.2.7:443?transport=tcp"',
    defaultValue: none,
    example: 'turn:turn.example.net',
    description: 'TURN servers in order of preference, which relay for this client when its NAT lets no peer through',
  },
  'turn-credentials': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'text',
    placeholder: 'PATH',
    schema: absolutePath,
    allowed: 'an absolute path of a file that its owner alone has access to',
    defaultValue: none,
    example: '/etc/navalis/turn-credentials',
    description: 'file with one line USER:PASSWORD for the TURN servers (required with turn)',
  },
  'turn-use': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'choice',
    placeholder: 'WHEN',
    schema: z.enum(['fallback', 'always', 'off']),
    allowed: '"fallback", "always" or "off"',
    defaultValue: () => 'fallback',
    description:
      'when to use a TURN server: fallback behind a symmetric NAT or where UDP does not reach the Teredo server, always, or off',
  },
};
