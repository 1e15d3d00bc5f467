import { readdirSync, readFileSync } from 'node:fs';
import { dropReasonNames } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { type DropRole, dropRoles } from '../src/index.ts';

/** The packages that contain the engine of each role. */
const packagesOf: Readonly<Record<DropRole, readonly string[]>> = {
  client: ['client-core', 'qualification', 'traversal', 'turn'],
  server: ['server-core'],
  relay: ['relay-core', 'traversal'],
};

describe('the roles of drop reasons', () => {
  it('are complete, and no more than complete', () => {
    expect(Object.keys(dropRoles).toSorted()).toEqual([...dropReasonNames].toSorted());
  });

  it.each(Object.entries(packagesOf))('name %s for each reason that its engine mentions', (role, packages) => {
    const source = packages.flatMap(sourcesOf).join('\n');
    const mentioned = dropReasonNames.filter((reason) => source.includes(`'${reason}'`));
    expect(mentioned.length).toBeGreaterThan(10);
    expect(mentioned.filter((reason) => !dropRoles[reason].includes(role as DropRole))).toEqual([]);
  });
});

function sourcesOf(name: string): readonly string[] {
  const folder = new URL(`../../${name}/src/`, import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(file, folder), 'utf8'));
}
