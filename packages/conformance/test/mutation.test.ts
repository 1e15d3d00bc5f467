import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutations } from '../src/mutation/mutations.ts';
import { verdictOn } from '../src/mutation/verdict.ts';

const root = new URL('../../../', import.meta.url);

describe('the mutation check', () => {
  it('takes at least ten guards away, each of which stands in its file exactly once', () => {
    expect(mutations.length).toBeGreaterThanOrEqual(10);
    for (const { guard, file, original, mutant } of mutations) {
      const source = readFileSync(new URL(file, root), 'utf8');
      expect(source.split(original).length - 1, guard).toBe(1);
      expect(mutant, guard).not.toBe(original);
    }
  });

  it('names packages that exist', () => {
    for (const { packages, guard } of mutations) {
      expect(packages.length, guard).toBeGreaterThan(0);
      for (const name of packages) expect(existsSync(new URL(`packages/${name}/test`, root)), name).toBe(true);
    }
  });

  it('says when a guard is not where it was', () => {
    const written: string[] = [];
    const copy = { folder: '/nowhere', read: () => 'something else', write: (file: string) => void written.push(file) };
    expect(verdictOn(mutations[0]!, copy)).toMatchObject({ kind: 'out of date' });
    expect(written).toEqual([]);
  });
});
