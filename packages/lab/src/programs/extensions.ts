import type { Role } from './role.ts';

const variable = 'NAVALIS_LAB_EXTENSIONS';

const ofClients = [
  'symmetric-nat-support',
  'port-preserving-nat-support',
  'sequential-nat-support',
  'hairpinning-support',
  'server-load-reduction',
] as const;

/** The flags that switch each extension of RFC 6081 off. */
export const extensionsOff: Readonly<Record<Role, readonly string[]>> = {
  client: ofClients.flatMap(switchedOff),
  'host-relay': ofClients.flatMap(switchedOff),
  relay: switchedOff('symmetric-nat-support'),
  server: [],
};

/**
 * Returns the flags with which a laboratory's programs run without the extensions of RFC 6081, if NAVALIS_LAB_EXTENSIONS=off is in the
 * environment: the suites with miredo must pass there too.
 */
export function extensionFlags(role: Role, flags: readonly string[]): readonly string[] {
  const isSet = extensionsOff[role].some((flag) => flags.includes(flag) && flag.startsWith('--'));
  return process.env[variable] === 'off' && !isSet ? extensionsOff[role] : [];
}

function switchedOff(key: string): readonly string[] {
  return [`--${key}`, 'false'];
}
