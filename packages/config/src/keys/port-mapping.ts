import * as z from 'zod';
import { clientFunction, type KeyTable } from './key.ts';
import { absolutePath } from './schemas.ts';

/** Whether and how a client asks its router for a mapping; `auto` is one protocol after the other. */
export type PortMappingChoice = 'off' | 'auto' | 'pcp' | 'nat-pmp' | 'upnp';

export interface PortMappingValues {
  readonly 'port-mapping': PortMappingChoice;
  readonly 'state-directory': string;
}

/** Settings that say whether the router is asked for a mapping, and where its port is remembered. */
export const portMappingKeys: KeyTable<PortMappingValues> = {
  'port-mapping': {
    roles: clientFunction,
    reload: 'new-socket',
    type: 'choice',
    placeholder: 'PROTOCOL',
    schema: z.enum(['off', 'auto', 'pcp', 'nat-pmp', 'upnp']),
    allowed: '"off", "auto", "pcp", "nat-pmp" or "upnp"',
    defaultValue: () => 'off',
    description:
      'ask the router to pass the service port on to this host: by one protocol, or with auto by PCP, then NAT-PMP, then UPnP; hosts on the Internet can reach the port then',
  },
  'state-directory': {
    roles: clientFunction,
    reload: 'at-start',
    type: 'text',
    placeholder: 'PATH',
    schema: absolutePath,
    allowed: 'an absolute path',
    defaultValue: (role) => `/var/lib/teredo-${role}`,
    description: 'directory for what survives a restart: the service port and the Teredo address',
  },
};
