import { NavalisError } from '@navalis/engine';
import { type ConfigurationKey, keysOf } from './keys.ts';
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
  const allowed = keysOf(role)
    .map((key) => key.name)
    .join(', ');
  return new NavalisError(
    'configuration',
    `${quoteSetting(name, raw, file)} is not allowed: there is no such key for the ${role}, its keys are ${allowed}.`,
  );
}

function quoteSetting(name: string, raw: RawValue, file: string | undefined): string {
  const value = describeValue(raw.value);
  return raw.source === 'flag' ? `--${name} ${value}` : `${name} = ${value} (in ${file})`;
}
