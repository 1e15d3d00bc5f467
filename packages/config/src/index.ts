/**
 * The configuration of the Navalis programs: a TOML file and command-line flags become one checked, typed value.
 *
 * - {@link loadConfiguration} reads, merges and checks all sources.
 * - {@link Configuration} is the result, a union by role.
 * - {@link configurationKeys} is the table of all keys, from which flags and documentation are made.
 *
 * @packageDocumentation
 */

export { changedKeys } from './changed-keys.ts';
export type {
  ClientConfiguration,
  ClientEngineConfiguration,
  CommonConfiguration,
  Configuration,
  ConfigurationByRole,
  HookConfiguration,
  HostRelayConfiguration,
  RelayConfiguration,
  RelayEngineConfiguration,
  ServerChoice,
  ServerConfiguration,
  ServerEngineConfiguration,
  TunnelConfiguration,
  TurnConfiguration,
} from './configuration.ts';
export { configurationInEffect } from './configuration-in-effect.ts';
export { addConfigurationFlags, configurationFlags } from './flags.ts';
export type { AdmissionValues } from './keys/admission.ts';
export type { ConnectionValues } from './keys/connection.ts';
export type { Key } from './keys/key.ts';
export { controlSocketOf, type HttpAddress, type LogLevel, type OperationValues } from './keys/operation.ts';
export type { PortMappingChoice, PortMappingValues } from './keys/port-mapping.ts';
export type { TunnelValues } from './keys/tunnel.ts';
export type { TurnUse, TurnValues } from './keys/turn.ts';
export {
  type ConfigurationKey,
  configurationKeys,
  type KeyName,
  type KeyType,
  type KeyValues,
  keysOf,
  type Reload,
  reloadOf,
} from './keys.ts';
export { type ConfigurationSources, loadConfiguration, loadStatusSocket } from './load-configuration.ts';
export type { ConfigurationError, ConfigurationErrorCode } from './mistakes.ts';
export type { RawValue, RawValues, ValueSource } from './raw-values.ts';
export { type Role, roles } from './role.ts';
export { ipv4PolicyOf, ipv6PolicyOf } from './role-configurations.ts';
export { checkServerAddresses, type ServerAddressNames } from './rules/server-addresses.ts';
export type { ClientKeyLine } from './secrets/client-key-file.ts';
export { defaultConfigurationPath } from './toml-file.ts';
