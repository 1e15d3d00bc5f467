import { type ConfigurationKey, defaultConfigurationPath, keysOf, type Role } from '@navalis/config';
import { appManifest } from '../repository.ts';
import { keyDescription } from '../texts/program-text.ts';
import { shownValue } from '../texts/toml-value.ts';
import { sentence } from '../texts/wrap.ts';
import { mdocHead, mdocList, mdocText, mdocWord } from './mdoc.ts';

/** Returns the manual page of a configuration file, such as teredo-client.toml(5), in mdoc. */
export function configurationPage(role: Role, date: Date): string {
  const { name, version } = appManifest(role);
  return [
    mdocHead({ name: `${name}.toml`, section: 5, version, date }),
    `.Sh NAME\n.Nm ${name}.toml\n.Nd configuration of ${name}\n`,
    '.Sh DESCRIPTION\n',
    `.Xr ${name} 8\nreads its configuration from\n.Pa ${defaultConfigurationPath(role)}\nif that file exists, or from the file that\n.Fl \\-config\nnames.\n`,
    mdocText('The file is TOML: each line is a key, an equals sign, and a value.'),
    mdocText('Text is in quotes, and a list is in brackets. A line that begins with "#" is a comment.'),
    mdocText('An unknown key or a value that is not allowed is an error.'),
    `.Pp\n`,
    mdocText('These are the keys, each with its default or an example:'),
    mdocList(keysOf(role).map((key) => ({ tag: tag(key, role), text: text(key, role) }))),
    `.Sh FILES\n.Bl -tag -width Ds\n.It Pa ${defaultConfigurationPath(role)}\nThe default file.\n.El\n`,
    `.Sh SEE ALSO\n.Xr ${name} 8\n`,
  ].join('');
}

function tag(key: ConfigurationKey, role: Role): string {
  const words = shownValue(key, role).split(' ').map(mdocWord);
  return `Ic ${mdocWord(key.name)} No = Li ${words.join(' ')}`;
}

function text(key: ConfigurationKey, role: Role): string {
  const fallback = key.defaultValue(role);
  const words = keyDescription(key, role);
  const hasDefault = fallback !== undefined || /\((required|default)/.test(words);
  return [
    mdocText(sentence(words)),
    mdocText(sentence(`takes ${key.allowed}`)),
    hasDefault ? '' : mdocText('Not set by default; the value above is an example.'),
    fallback === undefined ? '' : mdocText(sentence(`the default is ${fallback}`)),
  ].join('');
}
