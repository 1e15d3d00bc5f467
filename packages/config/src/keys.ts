import { type AdmissionKeyName, admissionKeys } from './keys/admission.ts';
import { type ConnectionKeyName, connectionKeys } from './keys/connection.ts';
import type { Key } from './keys/key.ts';
import { type OperationKeyName, operationKeys } from './keys/operation.ts';
import { type TunnelKeyName, tunnelKeys } from './keys/tunnel.ts';
import type { Role } from './role.ts';

export type { KeyType } from './keys/key.ts';

export type KeyName = ConnectionKeyName | TunnelKeyName | AdmissionKeyName | OperationKeyName;

/** One configuration key: a TOML key and a flag of the same name. */
export type ConfigurationKey = Key<KeyName>;

/** Every key of every role, in the order of the documentation. */
export const configurationKeys: readonly ConfigurationKey[] = [
  ...connectionKeys,
  ...tunnelKeys,
  ...admissionKeys,
  ...operationKeys,
];

export function keysOf(role: Role): readonly ConfigurationKey[] {
  return configurationKeys.filter((key) => key.roles.includes(role));
}
