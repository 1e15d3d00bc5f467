import { readFileSync } from 'node:fs';
import type { Role } from '@navalis/config';
import { repositoryPath } from '../repository.ts';

/** Returns the shipped unit of a program, with the program at another path. */
export function unitFor(role: Role, program: string): string {
  const name = `teredo-${role}`;
  const text = readFileSync(repositoryPath(`apps/${role}/systemd/${name}.service`), 'utf8');
  const shipped = `/opt/navalis/node_modules/.bin/${name}`;
  if (!text.includes(`\nExecStart=${shipped}\n`)) throw new Error(`The unit of ${name} does not start ${shipped}.`);
  return text
    .replaceAll(shipped, program)
    .replace(/^Documentation=.*$/m, `Documentation=man:${name}(8) man:${name}.toml(5)`);
}
