import { type ConfigurationKey, type KeyName, keysOf, type Role } from '@navalis/config';
import { appManifest } from '../repository.ts';
import { keyDescription } from './program-text.ts';
import { shownValue } from './toml-value.ts';
import { sentence, wrap } from './wrap.ts';

/** The keys that most operators of a role set. */
const firstKeys: Readonly<Record<Role, readonly KeyName[]>> = {
  client: ['server', 'port-mapping'],
  server: ['primary-address', 'secondary-address'],
  relay: ['bind-address', 'ipv6-address'],
  'host-relay': ['mode', 'server'],
};

const lineLength = 96;

/** Returns a configuration file that sets nothing, and shows each key of the role with its default or an example. */
export function sampleConfiguration(role: Role): string {
  const { name } = appManifest(role);
  const keys = keysOf(role);
  const first = firstKeys[role].map((key) => keys.find((each) => each.name === key)!);
  const introduction = [
    `Configuration of ${name}. See ${name}.toml(5).`,
    `To set a key, remove the "#" in front of it. Then run "${name} check".`,
    'The values are the defaults. Where the text above names none, the value is an example.',
  ];
  return [
    introduction.map((line) => `# ${line}\n`).join(''),
    '# ---- Keys that most operators set\n',
    ...first.map((key) => entry(key, role)),
    '# ---- All other keys\n',
    ...keys.filter((key) => !first.includes(key)).map((key) => entry(key, role)),
  ].join('\n');
}

function entry(key: ConfigurationKey, role: Role): string {
  const fallback = key.defaultValue(role);
  const text = [
    sentence(keyDescription(key, role)),
    sentence(`takes ${key.allowed}`),
    ...(fallback === undefined ? [] : [sentence(`default: ${fallback}`)]),
  ].join(' ');
  const comment = wrap(text, lineLength - 2).map((line) => `# ${line}\n`);
  return `${comment.join('')}#${key.name} = ${shownValue(key, role)}\n`;
}
