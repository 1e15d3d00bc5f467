import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ConfigurationKey, configurationKeys, roles } from '../src/index.ts';

const page = readFileSync(new URL('../../../docs/operate/configuration.md', import.meta.url), 'utf8');

it('the configuration reference documents every key correctly, and no other', () => {
  const documented = /<!-- keys: begin -->\n(.*)<!-- keys: end -->/s.exec(page)?.[1];
  expect(documented).toBe(reference());
});

it.each(configurationKeys.map((key) => [key.name, key] as const))(
  'the key %s has a default or an example, and takes it',
  (_, key) => {
    for (const role of key.roles) {
      const value = key.defaultValue(role) ?? key.example;
      expect(value).toBeDefined();
      expect(key.schema.safeParse(value).error).toBeUndefined();
    }
  },
);

/** The configuration reference in Markdown. */
function reference(): string {
  const header = '| Key | Programs | Meaning | Takes | Default |\n|---|---|---|---|---|\n';
  return `\n${header}${configurationKeys.map(row).join('')}\n`;
}

function row(key: ConfigurationKey): string {
  const programs = key.roles.length === roles.length ? 'all' : key.roles.join(', ');
  const meaning = key.description.replace(/ \((required|default: .*)\)$/, '');
  const cells = [`\`${key.name}\``, programs, meaning, key.allowed, defaultOf(key)];
  return `| ${cells.join(' | ')} |\n`;
}

function defaultOf(key: ConfigurationKey): string {
  const values = [...new Set(key.roles.map((role) => key.defaultValue(role)))];
  if (values[0] === undefined) return / \((?:default: )?(.*)\)$/.exec(key.description)?.[1] ?? 'none';
  if (values.length === 1) return `\`${values[0]}\``;
  if (values.length === key.roles.length) return `\`${values[0]!.replace(key.roles[0]!, '<role>')}\``;
  return key.roles.map((role) => `${role} \`${key.defaultValue(role)}\``).join(', ');
}
