import { readFileSync } from 'node:fs';
import type { Role } from '@navalis/config';
import { commandDescriptions, diagnosisConclusions } from '@navalis/runtime';
import { repositoryPath } from '../repository.ts';

interface ExitStatus {
  readonly status: string;
  /** Begins with a capital. */
  readonly meaning: string;
}

/** Returns the exit statuses that the reference of the configuration explains, and those of `diagnose` for programs that have it. */
export function exitStatuses(role: Role): readonly ExitStatus[] {
  const page = readFileSync(repositoryPath('docs/operate/configuration.md'), 'utf8');
  const section = page.split('\n## Exit status\n')[1]?.split('\n## ')[0] ?? '';
  const common = [...section.matchAll(/^\| (\d+) \| (.+) \|$/gm)].map(([, status = '', meaning = '']) => ({
    status,
    meaning: capitalised(meaning.replaceAll('`', '')),
  }));
  if (!commandDescriptions(role).some(({ name }) => name === 'diagnose')) return common;
  const known = new Set(common.map(({ status }) => status));
  const own = Object.entries(diagnosisConclusions)
    .filter(([status]) => !known.has(status))
    .map(([status, conclusion]) => ({ status, meaning: `The command diagnose: ${conclusion}` }));
  return [...common, ...own].sort((one, other) => Number(one.status) - Number(other.status));
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
