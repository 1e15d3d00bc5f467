import { type Extensions, missingExtension } from '@navalis/traversal';
import type { ExtensionValues } from '../keys/extensions.ts';
import { conflict } from '../mistakes.ts';

const keys: Readonly<Record<keyof Extensions, keyof ExtensionValues>> = {
  symmetricNatSupport: 'symmetric-nat-support',
  portPreserving: 'port-preserving-nat-support',
  sequentialPorts: 'sequential-nat-support',
  hairpinning: 'hairpinning-support',
  serverLoadReduction: 'server-load-reduction',
};

/**
 * Returns the extensions that are on. One that is not set follows the one that it needs.
 * @throws NavalisError `configuration` for one that is on without the one that it needs (XC-09).
 */
export function extensionsOf(values: Partial<ExtensionValues>): Extensions {
  const symmetricNatSupport = values['symmetric-nat-support'] ?? true;
  const portPreserving = values['port-preserving-nat-support'] ?? symmetricNatSupport;
  const extensions: Extensions = {
    symmetricNatSupport,
    portPreserving,
    sequentialPorts: values['sequential-nat-support'] ?? portPreserving,
    hairpinning: values['hairpinning-support'] ?? true,
    serverLoadReduction: values['server-load-reduction'] ?? true,
  };
  const missing = missingExtension(extensions);
  if (missing === undefined) return extensions;
  throw conflict(keys[missing.extension], 'true', `it needs ${keys[missing.needs]}, which is false`);
}
