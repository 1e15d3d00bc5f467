import { NavalisError } from '@navalis/engine';
import { type ConfigurationKey, configurationKeys, keysOf } from './keys.ts';
import { nearestName } from './nearest-name.ts';
import { describeValue, type RawValue } from './raw-values.ts';
import type { Role } from './role.ts';

/** The code of a mistake in the configuration. */
export type ConfigurationErrorCode = 'configuration';

/** A mistake in the configuration. */
export type ConfigurationError = NavalisError<ConfigurationErrorCode>;

/** A value that its key does not take. */
export function badValue(key: ConfigurationKey, raw: RawValue, file: string | undefined): ConfigurationError {
  return new NavalisError(
    'configuration',
    `${quoteSetting(key.name, raw, file)} is not allowed: it takes ${key.allowed}.`,
  );
}

/** A value that is valid by itself, but conflicts with another value. */
export function conflict(name: string, value: string, reason: string): ConfigurationError {
  return new NavalisError('configuration', `${name} ${value} is not allowed: ${reason}.`);
}

export function missingKey(key: ConfigurationKey): ConfigurationError {
  return new NavalisError(
    'configuration',
    `${key.name} is not set: give it with --${key.name} or in the configuration file; it takes ${key.allowed}.`,
  );
}

export function unknownKey(name: string, raw: RawValue, role: Role, file: string | undefined): ConfigurationError {
  return new NavalisError(
    'configuration',
    isTable(raw.value)
      ? `[${name}] (in ${file}) is not allowed: the file has no sections, so write the keys without [${name}].`
      : `${quoteSetting(name, raw, file)} is not allowed: there is no such key for the ${role}${keyHint(name, role)}; teredo-${role} --help lists its keys.`,
  );
}

/** Returns the key that was meant, or the roles that have it. */
function keyHint(name: string, role: Role): string {
  const otherRoles = configurationKeys.find((key) => key.name === name)?.roles;
  if (otherRoles !== undefined) return `, only for ${otherRoles.join(', ')}`;
  const names = keysOf(role).map((key) => key.name);
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function quoteSetting(name: string, raw: RawValue, file: string | undefined): string {
  const value = describeValue(raw.value);
  return raw.source === 'flag' ? `--${name} ${value}` : `${name} = ${value} (in ${file})`;
}
