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

const readErrors: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it does not exist'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'permission is denied; make it readable by every user (mode 0644), or run the command as root'],
]);

function readText(path: string, mayBeAbsent: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    if (code === 'ENOENT' && mayBeAbsent) return undefined;
    const name = mayBeAbsent ? path : `--config ${path}`;
    throw new NavalisError<ConfigurationErrorCode>(
      'configuration',
      `${name} cannot be read: ${readErrors.get(code) ?? code}.`,
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
    const corrected = correctedLine(text.split('\n')[error.line - 1] ?? '');
    throw new NavalisError<ConfigurationErrorCode>(
      'configuration',
      corrected === undefined
        ? `${path}, line ${error.line}: this is not TOML (${reason}).`
        : `${path}, line ${error.line}: this is not TOML; write a key, an equals sign, and text in quotes: ${corrected}.`,
      error,
    );
  }
}

/** Corrects a line with a colon for the equals sign, or without quotes around text; undefined for other mistakes. */
function correctedLine(line: string): string | undefined {
  const [, key, written] = /^\s*([a-z0-9-]+)\s*[=:]\s*([^\s#][^#]{0,99}?)\s*(?:#.*)?$/.exec(line) ?? [];
  if (written === undefined) return undefined;
  if (isTomlValue(written)) return `${key} = ${written}`;
  const texts = written.split(/\s*,\s*/);
  if (!texts.every((text) => /^[\w.:/@%+-]+$/.test(text))) return undefined;
  const quoted = texts.map((text) => `"${text}"`).join(', ');
  return `${key} = ${texts.length === 1 ? quoted : `[${quoted}]`}`;
}

function isTomlValue(text: string): boolean {
  try {
    parse(`value = ${text}`);
    return true;
  } catch {
    return false;
  }
}
