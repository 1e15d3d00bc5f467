import { type Command, Option } from 'commander';
import { type ConfigurationKey, keysOf } from './keys.ts';
import type { RawValue, RawValues } from './raw-values.ts';
import type { Role } from './role.ts';
import { defaultConfigurationPath } from './toml-file.ts';

/** Gives a command one flag for every key of the role, and `--config`. */
export function addConfigurationFlags(command: Command, role: Role): void {
  command.option(
    '--config <PATH>',
    `TOML file with these keys (default: ${defaultConfigurationPath(role)} if it exists)`,
  );
  for (const key of keysOf(role)) command.addOption(flagOf(key, role));
}

/** Returns the values that the command line set, by key; call it after parsing. */
export function configurationFlags(command: Command, role: Role): { config: string | undefined; values: RawValues } {
  const options = command.opts<{ config?: string } & Record<string, unknown>>();
  const values = new Map<string, RawValue>();
  for (const key of keysOf(role)) {
    const value = options[attributeOf(key)];
    if (value !== undefined) values.set(key.name, { value, source: 'flag' });
  }
  return { config: options.config, values };
}

function flagOf(key: ConfigurationKey, role: Role): Option {
  const fallback = key.defaultValue(role);
  const words = key.descriptionFor?.[role] ?? key.description;
  const description = fallback === undefined ? words : `${words} (default: ${fallback})`;
  const option = new Option(`--${key.name} <${key.placeholder}>`, description);
  // The default is applied after the file was read, so commander must not know it.
  if (key.type === 'list') option.argParser(collect);
  return option;
}

function collect(text: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...text.split(',').map((item) => item.trim())];
}

function attributeOf(key: ConfigurationKey): string {
  return new Option(`--${key.name} <${key.placeholder}>`).attributeName();
}
