import { readFileSync } from 'node:fs';
import { type NatKind, natAbbreviations, natKinds, natPairs, needOf } from '@navalis/nat';
import { describe, expect, it } from 'vitest';

const kinds = Object.keys(natKinds) as NatKind[];
const page = readFileSync(new URL('../../../docs/conformance/nat-pairs.md', import.meta.url), 'utf8');

describe('the matrix of pairs', () => {
  it('is the one of the conformance page', () => {
    const names = kinds.map((kind) => natAbbreviations[kind]);
    const head = `| from \\ to | ${names.join(' | ')} |`;
    const rows = kinds.map(
      (from) => `| **${natAbbreviations[from]}** | ${kinds.map((to) => needOf(from, to)).join(' | ')} |`,
    );
    expect(page).toContain([head, `|${'---|'.repeat(names.length + 1)}`, ...rows].join('\n'));
  });

  it('promises 43 of the 81 pairs, 16 of them without an extension', () => {
    const countOf = (isCounted: (need: string) => boolean) => natPairs.filter(({ need }) => isCounted(need)).length;
    expect([natPairs.length, countOf((need) => need !== '-'), countOf((need) => need === '4380')]).toEqual([
      81, 43, 16,
    ]);
  });
});
