import { readFileSync } from 'node:fs';
import { type Role, roles } from '@navalis/config';
import { repositoryPath } from '../repository.ts';

/** Returns the shipped unit of a program, with the program at a fixed path. */
export function unitFor(role: Role, program: string): string {
  const name = `teredo-${role}`;
  const text = shippedUnit(role);
  const search = /^(?:#.*\n)+Environment=PATH=.*\n(?=ExecStart=\/usr\/bin\/env )/m;
  if (!search.test(text)) throw new Error(`The unit of ${name} does not search for its program.`);
  return text
    .replace(search, '')
    .replace(`ExecStart=/usr/bin/env ${name}\n`, `ExecStart=${program}\n`)
    .replace(`'exec ${name} `, `'exec ${program} `)
    .replace(/^Documentation=.*$/m, `Documentation=man:${name}(8) man:${name}.toml(5)`);
}

/** A secret that a program reads, and the other programs that read it, too. */
export interface SharedSecret {
  readonly path: string;
  readonly others: readonly Role[];
}

/** Returns the files with secrets that the unit of a program hands to it. */
export function secretsOf(role: Role): readonly SharedSecret[] {
  return credentialPaths(role).map((path) => ({
    path,
    others: roles.filter((other) => other !== role && credentialPaths(other).includes(path)),
  }));
}

function credentialPaths(role: Role): string[] {
  return [...shippedUnit(role).matchAll(/^LoadCredential=[^:]+:(.+)$/gm)].map(([, path]) => path!);
}

function shippedUnit(role: Role): string {
  return readFileSync(repositoryPath(`apps/${role}/systemd/teredo-${role}.service`), 'utf8');
}
