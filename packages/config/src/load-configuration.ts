import type { ConfigurationByRole } from './configuration.ts';
import { mergeRawValues, type RawValues } from './raw-values.ts';
import type { Role } from './role.ts';
import { configurationBuilders } from './role-configurations.ts';
import { readConfigurationFile } from './toml-file.ts';
import { validate } from './validate.ts';

/** The parts of the command line that concern the configuration. */
export interface ConfigurationSources {
  /** `--config`; undefined: the role's default file if it exists. */
  readonly config: string | undefined;
  /** Values of flags, which override those of the file. */
  readonly values: RawValues;
}

/**
 * Turns a file and flags into a typed configuration.
 * @throws NavalisError `configuration` with one sentence that names key, value and allowed values.
 */
export function loadConfiguration<R extends Role>(role: R, sources: ConfigurationSources): ConfigurationByRole[R] {
  const file = readConfigurationFile(role, sources.config);
  const values = validate(role, mergeRawValues(file.values, sources.values), file.path);
  return configurationBuilders[role](values);
}

/** Returns the status socket of a running program; checks nothing else in the configuration. */
export function loadStatusSocket(role: Role, sources: ConfigurationSources): string {
  const name = 'status-socket';
  const flag = sources.values.get(name);
  const file = flag === undefined ? readConfigurationFile(role, sources.config) : undefined;
  const raw = flag ?? file?.values.get(name);
  const values = validate(role, new Map(raw === undefined ? [] : [[name, raw]]), file?.path);
  return values[name]!;
}
