import { readFileSync } from 'node:fs';
import { NavalisError } from '@navalis/engine';
import { parse, TomlError } from 'smol-toml';
import type { ConfigurationErrorCode } from './mistakes.ts';
import type { RawValues } from './raw-values.ts';
import type { Role } from './role.ts';

export interface ConfigurationFile {
  /** Undefined when the default file does not exist. */
  readonly path: string | undefined;
  readonly values: RawValues;
}

export function defaultConfigurationPath(role: Role): string {
  return `/etc/navalis/${role}.toml`;
}

/**
 * Reads a TOML file; without a path the role's default file, which need not exist.
 * @throws NavalisError `configuration` when the file cannot be read or is not TOML (with the line).
 */
export function readConfigurationFile(role: Role, path: string | undefined): ConfigurationFile {
  const chosen = path ?? defaultConfigurationPath(role);
  const text = readText(chosen, path === undefined);
  if (text === undefined) return { path: undefined, values: new Map() };
  const table = parseToml(text, chosen);
  return {
    path: chosen,
    values: new Map(Object.entries(table).map(([key, value]) => [key, { value, source: 'file' }])),
  };
}

function readText(path: string, mayBeAbsent: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && mayBeAbsent) return undefined;
    const reason = code === 'ENOENT' ? 'it does not exist' : code === 'EACCES' ? 'permission is denied' : String(code);
    throw new NavalisError<ConfigurationErrorCode>(
      'configuration',
      `--config ${path} cannot be read: ${reason}.`,
      error,
    );
  }
}

function parseToml(text: string, path: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of the message is an excerpt of the file, which does not fit a sentence.
    const reason = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    throw new NavalisError<ConfigurationErrorCode>(
      'configuration',
      `${path}, line ${error.line}: this is not TOML (${reason}).`,
      error,
    );
  }
}
