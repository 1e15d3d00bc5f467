import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutations } from '../src/mutation/mutations.ts';
import { testRunOf, verdictOn } from '../src/mutation/verdict.ts';

const root = new URL('../../../', import.meta.url);

describe('the mutation check', () => {
  it('removes at least ten guards, each of which occurs in its file exactly once', () => {
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

  it('reports a guard that has moved', () => {
    const written: string[] = [];
    const copy = { folder: '/nowhere', read: () => 'something else', write: (file: string) => void written.push(file) };
    expect(verdictOn(mutations[0]!, copy)).toMatchObject({ kind: 'out of date' });
    expect(written).toEqual([]);
  });

  const mutation = { ...mutations[0]!, original: 'guard', packages: ['relay-core'] };
  const copy = { folder: '/nowhere', read: () => 'the guard stands', write: () => {} };

  it.each([
    ['noticed', { ran: true, failed: 'believes nobody', output: '' }],
    ['unnoticed', { ran: true, failed: undefined, output: '' }],
    ['not run', { ran: false, failed: undefined, output: 'SyntaxError' }],
  ])('calls a guard %s', (kind, run) => {
    expect(verdictOn(mutation, copy, () => run)).toMatchObject({ kind });
  });

  it('counts a failed test as noticed, but not a file that cannot be loaded or a runner that ended', () => {
    const report = (...statuses: string[]) =>
      JSON.stringify({ testResults: [{ assertionResults: statuses.map((status) => ({ status, fullName: status })) }] });
    expect(testRunOf(1, report('passed', 'failed'), '')).toMatchObject({ ran: true, failed: 'failed' });
    expect(testRunOf(0, report('passed'), '')).toMatchObject({ ran: true, failed: undefined });
    expect(testRunOf(1, report('passed'), '')).toMatchObject({ ran: false, failed: undefined });
    expect(testRunOf(1, report(), '')).toMatchObject({ ran: false, failed: undefined });
    expect(testRunOf(null, undefined, '')).toMatchObject({ ran: false, failed: undefined });
  });
});
