import { readFileSync } from 'node:fs';
import { type Role, roles } from '@navalis/config';
import { repositoryPath } from '../repository.ts';

/** Roles of which several run on one host, each as an instance of a template. */
const templated: readonly Role[] = ['relay'];

/** Returns the shipped units of a program by the names of their files, with the program at a fixed path. */
export function unitsFor(role: Role, program: string): Readonly<Record<string, string>> {
  const names = [`teredo-${role}.service`, ...(templated.includes(role) ? [`teredo-${role}@.service`] : [])];
  return Object.fromEntries(names.map((name) => [name, unitFor(role, shippedUnit(role, name), program)]));
}

/** Returns the pattern of the instances of a role's template; undefined without one. */
export function instancesOf(role: Role): string | undefined {
  return templated.includes(role) ? `teredo-${role}@*.service` : undefined;
}

function unitFor(role: Role, text: string, program: string): string {
  const name = `teredo-${role}`;
  const search = /^(?:#.*\n)+Environment=PATH=.*\n(?=(?:#.*\n)*ExecStart=\/usr\/bin\/env )/m;
  if (!search.test(text)) throw new Error(`The unit of ${name} does not search for its program.`);
  return text
    .replace(search, '')
    .replace(`ExecStart=/usr/bin/env ${name}`, `ExecStart=${program}`)
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

function shippedUnit(role: Role, name = `teredo-${role}.service`): string {
  return readFileSync(repositoryPath(`apps/${role}/systemd/${name}`), 'utf8');
}
