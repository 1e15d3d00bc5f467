import { clientFunction, type Key, type KeyTable, none, notServer, switchKey } from './key.ts';

export interface ExtensionValues {
  readonly 'symmetric-nat-support': boolean;
  readonly 'port-preserving-nat-support': boolean;
  readonly 'sequential-nat-support': boolean;
  readonly 'hairpinning-support': boolean;
  readonly 'server-load-reduction': boolean;
}

const extension: Omit<Key<boolean>, 'description'> = {
  roles: clientFunction,
  reload: 'new-socket',
  ...switchKey,
  defaultValue: () => 'true',
};

/** The extensions of RFC 6081 that a role uses. */
export const extensionKeys: KeyTable<ExtensionValues> = {
  'symmetric-nat-support': {
    ...extension,
    roles: notServer,
    reloadFor: { relay: 'at-start', 'host-relay': 'at-start' },
    description: 'reach peers behind symmetric NATs, and get an address behind one (RFC 6081 5.2)',
    descriptionFor: { relay: 'reach clients behind symmetric NATs (RFC 6081 5.2)' },
  },
  'port-preserving-nat-support': {
    ...extension,
    defaultValue: none,
    example: 'true',
    description:
      'reach peers through a second port where NATs keep port numbers, RFC 6081 5.4 (default: as symmetric-nat-support, which it needs)',
  },
  'sequential-nat-support': {
    ...extension,
    defaultValue: none,
    example: 'true',
    description:
      'predict the port where NATs count ports up, RFC 6081 5.5 (default: as port-preserving-nat-support, which it needs)',
  },
  'hairpinning-support': {
    ...extension,
    description: 'tell peers behind the same NAT the local address, and use theirs (RFC 6081 5.6)',
  },
  'server-load-reduction': {
    ...extension,
    description: 'ask a peer that fell silent directly before its server (RFC 6081 5.7)',
  },
};
