import { describe, expect, it } from 'vitest';
import { readChecklist } from '../src/checklist.ts';
import { coverageOf, isSound } from '../src/coverage.ts';
import { readNotDone } from '../src/not-done.ts';
import { formatCoverage, formatMissing } from '../src/report.ts';

const rows = readChecklist(`
| SNS-01 | - | MUST NOT | Later. | - |
| SNS-02 | - | MUST | Later. | - |
| XC-26 | - | MUST | Later, too. | - |
| XC-27 | - | MUST | Now. | - |
`);

const table = `
| Row or area | Reason | Decision |
|---|---|---|
| SNS | not yet | [0009](decisions/0009-x.md) |
| XC-26 | belongs to it | [0009](decisions/0009-x.md) |
`;

const test = (ids: readonly string[]) => [
  { file: 'packages/x/test/x.test.ts', line: 7, title: 'does it', ids, skipped: false },
];

describe('the table of rows that are not done', () => {
  it('is read', () => {
    expect(readNotDone(table)).toEqual([
      { what: 'SNS', reason: 'not yet', record: 'decisions/0009-x.md' },
      { what: 'XC-26', reason: 'belongs to it', record: 'decisions/0009-x.md' },
    ]);
  });

  it.each([
    ['| SNS | | [0009](decisions/0009-x.md) |', 'SNS is listed as not done without a reason.'],
    ['| SNS | later | someday |', 'SNS is listed as not done without a decision record.'],
    [`${table}| SNS | later | [0009](decisions/0009-x.md) |`, 'SNS is listed twice as not done.'],
  ])('is refused when it reads %s', (markdown, sentence) => {
    expect(() => readNotDone(markdown)).toThrow(sentence);
  });

  it('is printed, and its rows are not missing', () => {
    const coverage = coverageOf(rows, test(['SNS-02']), readNotDone(table));
    expect(formatMissing(coverage, [])).toMatch(/^XC-27/);
    expect(coverage.missing).toHaveLength(1);
    expect(isSound(coverage)).toBe(true);
    expect(formatCoverage(coverage)).toMatch(
      /Deliberately not done:\n {2}SNS +1 rows {2}not yet \(decisions\/0009-x\.md\)/,
    );
  });

  it('is an error when it excuses a row that has a test or does not exist', () => {
    const coverage = coverageOf(
      rows,
      test(['XC-26']),
      readNotDone(`${table}| PP | later | [0009](decisions/0009-x.md) |`),
    );
    expect(coverage.idleExcuses).toEqual(['XC-26', 'PP']);
    expect(isSound(coverage)).toBe(false);
  });
});
