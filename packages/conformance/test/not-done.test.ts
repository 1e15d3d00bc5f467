import { describe, expect, it } from 'vitest';
import { readChecklist } from '../src/checklist.ts';
import { coverageOf, isSound } from '../src/coverage.ts';
import { readNotDone } from '../src/not-done.ts';
import { formatCoverage, formatMissing } from '../src/report.ts';

const rows = readChecklist(`
| ZZ-01 | - | MUST NOT | Later. | - |
| ZZ-02 | - | MUST | Later. | - |
| YY-26 | - | MUST | Later, too. | - |
| YY-27 | - | MUST | Now. | - |
`);

const table = `
| Row or area | Reason | Decision |
|---|---|---|
| ZZ | not yet | [0009](decisions/0009-x.md) |
| YY-26 | belongs to it | [0009](decisions/0009-x.md) |
`;

const test = (ids: readonly string[]) => [
  { file: 'packages/x/test/x.test.ts', line: 7, title: 'does it', ids, skipped: false },
];

describe('the table of rows that are not done', () => {
  it('is read', () => {
    expect(readNotDone(table)).toEqual([
      { what: 'ZZ', reason: 'not yet', record: 'decisions/0009-x.md' },
      { what: 'YY-26', reason: 'belongs to it', record: 'decisions/0009-x.md' },
    ]);
  });

  it.each([
    ['| ZZ | | [0009](decisions/0009-x.md) |', 'ZZ is listed as not done without a reason.'],
    ['| ZZ | later | someday |', 'ZZ is listed as not done without a decision record.'],
    [`${table}| ZZ | later | [0009](decisions/0009-x.md) |`, 'ZZ is listed twice as not done.'],
  ])('is refused when it reads %s', (markdown, sentence) => {
    expect(() => readNotDone(markdown)).toThrow(sentence);
  });

  it('is printed, and its rows are not missing', () => {
    const coverage = coverageOf(rows, test(['ZZ-02']), readNotDone(table));
    expect(formatMissing(coverage, [])).toMatch(/^YY-27/);
    expect(coverage.missing).toHaveLength(1);
    expect(isSound(coverage)).toBe(true);
    expect(formatCoverage(coverage)).toMatch(
      /Deliberately not done:\n {2}ZZ +1 rows {2}not yet \(decisions\/0009-x\.md\)/,
    );
  });

  it('is an error when it excuses a row that has a test or does not exist', () => {
    const coverage = coverageOf(
      rows,
      test(['YY-26']),
      readNotDone(`${table}| PP | later | [0009](decisions/0009-x.md) |`),
    );
    expect(coverage.idleExcuses).toEqual(['YY-26', 'PP']);
    expect(isSound(coverage)).toBe(false);
  });
});
