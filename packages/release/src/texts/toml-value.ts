import type { ConfigurationKey, Role } from '@navalis/config';

/** Returns the default of a key, or its example, as TOML. */
export function shownValue(key: ConfigurationKey, role: Role): string {
  const text = key.defaultValue(role) ?? key.example ?? key.placeholder;
  if (key.type === 'list') return `[${JSON.stringify(text)}]`;
  const isBare = /^\d+$/.test(text) || (/^(true|false)$/.test(text) && key.allowed === 'true or false');
  return isBare && key.type !== 'text' ? text : JSON.stringify(text);
}
