import { readFileSync } from 'node:fs';
import type { Role } from '@navalis/config';
import { bashCompletion } from '../completions/bash.ts';
import { fishCompletion } from '../completions/fish.ts';
import { zshCompletion } from '../completions/zsh.ts';
import { configurationPage } from '../manual/configuration-page.ts';
import { programPage } from '../manual/program-page.ts';
import { repositoryPath } from '../repository.ts';
import { programText } from './program-text.ts';
import { sampleConfiguration } from './sample-configuration.ts';

/** Dashboard and alerts, as examples: docs/operate/monitoring.md says where they go. */
const monitoringFiles = ['alerts.yml', 'alerts.test.yml', 'dashboard.json'];

/** Configurations of BIRD for relays, as examples: docs/operate/anycast.md. */
const birdFiles = ['relay.conf', 'router.conf'];

/** The texts of a program, by their places below /usr/share. */
export function sharedFiles(role: Role, date: Date): Readonly<Record<string, string>> {
  const text = programText(role);
  const { name } = text;
  const examples = `doc/${name}/examples`;
  const exampleFiles = [
    ...monitoringFiles.map((file) => `monitoring/${file}`),
    ...(role === 'relay' ? birdFiles.map((file) => `bird/${file}`) : []),
  ].map((file) => [`${examples}/${file}`, readFileSync(repositoryPath(file), 'utf8')]);
  return {
    [`man/man8/${name}.8`]: programPage(role, date),
    [`man/man5/${name}.toml.5`]: configurationPage(role, date),
    [`bash-completion/completions/${name}`]: bashCompletion(text),
    [`zsh/vendor-completions/_${name}`]: zshCompletion(text),
    [`fish/vendor_completions.d/${name}.fish`]: fishCompletion(text),
    [`${examples}/${role}.toml`]: sampleConfiguration(role),
    ...(Object.fromEntries(exampleFiles) as Readonly<Record<string, string>>),
  };
}
