import type { Role } from '@navalis/config';
import { bashCompletion } from '../completions/bash.ts';
import { fishCompletion } from '../completions/fish.ts';
import { zshCompletion } from '../completions/zsh.ts';
import { configurationPage } from '../manual/configuration-page.ts';
import { programPage } from '../manual/program-page.ts';
import { programText } from './program-text.ts';
import { sampleConfiguration } from './sample-configuration.ts';

/** The generated texts of a program, by their places below /usr/share. */
export function sharedFiles(role: Role, date: Date): Readonly<Record<string, string>> {
  const text = programText(role);
  const { name } = text;
  return {
    [`man/man8/${name}.8`]: programPage(role, date),
    [`man/man5/${name}.toml.5`]: configurationPage(role, date),
    [`bash-completion/completions/${name}`]: bashCompletion(text),
    [`zsh/vendor-completions/_${name}`]: zshCompletion(text),
    [`fish/vendor_completions.d/${name}.fish`]: fishCompletion(text),
    [`doc/${name}/examples/${role}.toml`]: sampleConfiguration(role),
  };
}
