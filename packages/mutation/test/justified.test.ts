import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { justifiedIn, keyOf } from '../src/justified.ts';
import { describedMutants } from '../src/package-run.ts';
import { corePackages } from '../src/packages.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const folder = `${root}/packages/mutation/justified`;

describe('the justified mutants', () => {
  it('belong to core packages', () => {
    const names = existsSync(folder) ? readdirSync(folder).map((file) => file.replace(/\.json$/, '')) : [];
    expect(names.filter((name) => !corePackages.includes(name))).toEqual([]);
  });

  it.each(corePackages)('%s: each still exists, once in the file, with a reason', async (name) => {
    const justified = justifiedIn(root, name);
    const keys = justified.map(keyOf);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(justified.filter(({ reason }) => reason.length < 10)).toEqual([]);
    const { described } = await describedMutants(root, name);
    const existing = new Set(described.map(({ description }) => keyOf(description)));
    expect(keys.filter((key) => !existing.has(key))).toEqual([]);
  });
});
