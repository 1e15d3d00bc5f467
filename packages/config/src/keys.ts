import { type AdmissionValues, admissionKeys } from './keys/admission.ts';
import { type ConnectionValues, connectionKeys } from './keys/connection.ts';
import { type ExtensionValues, extensionKeys } from './keys/extensions.ts';
import type { Key, Reload } from './keys/key.ts';
import { type OperationValues, operationKeys } from './keys/operation.ts';
import { type PortMappingValues, portMappingKeys } from './keys/port-mapping.ts';
import { type TunnelValues, tunnelKeys } from './keys/tunnel.ts';
import { type TurnValues, turnKeys } from './keys/turn.ts';
import type { Role } from './role.ts';

export type { KeyType, Reload } from './keys/key.ts';

/** The value of each key. */
export interface KeyValues
  extends ConnectionValues,
    ExtensionValues,
    TurnValues,
    PortMappingValues,
    TunnelValues,
    AdmissionValues,
    OperationValues {}

export type KeyName = keyof KeyValues;

/** One configuration key: a TOML key and a flag of the same name. */
export interface ConfigurationKey extends Key<unknown> {
  readonly name: KeyName;
}

const tables = {
  ...connectionKeys,
  ...extensionKeys,
  ...turnKeys,
  ...portMappingKeys,
  ...tunnelKeys,
  ...admissionKeys,
  ...operationKeys,
};

/** Every key of every role, in the order of the documentation. */
export const configurationKeys: readonly ConfigurationKey[] = Object.entries(tables).map(([name, key]) => ({
  name: name as KeyName,
  ...key,
}));

/** Returns when a changed value of a key takes effect in a role. */
export function reloadOf(key: ConfigurationKey, role: Role): Reload {
  return key.reloadFor?.[role] ?? key.reload;
}

export function keysOf(role: Role): readonly ConfigurationKey[] {
  return configurationKeys.filter((key) => key.roles.includes(role));
}
