import { readFileSync } from 'node:fs';
import { repositoryPath } from '../repository.ts';

/** Returns the exit statuses that the reference of the configuration explains. */
export function exitStatuses(): { status: string; meaning: string }[] {
  const page = readFileSync(repositoryPath('docs/operate/configuration.md'), 'utf8');
  const section = page.split('\n## Exit status\n')[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, status = '', meaning = '']) => ({
    status,
    meaning: meaning.replaceAll('`', ''),
  }));
}
