import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ChecklistRow, readChecklist } from '../src/checklist.ts';
import { coverageOf, isSound } from '../src/coverage.ts';
import { formatCoverage, formatMissing } from '../src/report.ts';
import type { TaggedTest } from '../src/tagged-tests.ts';
import { readTestReport, testReports } from '../src/test-reports.ts';

const rows: ChecklistRow[] = readChecklist(`
| WF-01 | - | MUST | Grammar. | - |
| WF-02 | - | SHOULD° | Style. | - |
| WF-03 | - | MAY | Extra. | - |
| IO-01 | - | design | Seen. | - |
| ZZ-01 | - | MUST NOT | Later. | - |
| ZZ-02 | - | design | Later. | - |
`);

function test(ids: readonly string[], skipped = false): TaggedTest {
  return { file: 'packages/x/test/x.test.ts', line: 7, title: 'does it', ids, skipped };
}

const complete = ['WF-01', 'WF-02', 'IO-01'];

describe('coverage', () => {
  it('counts rows, MUST and SHOULD by area', () => {
    const { areas } = coverageOf(rows, [test(['WF-01', 'WF-03']), test(['WF-01'])]);
    expect(areas[0]).toEqual({
      area: 'WF',
      rows: { covered: 2, total: 3 },
      must: { covered: 1, total: 1 },
      should: { covered: 0, total: 1 },
      optional: { covered: 1, total: 1 },
    });
    expect(areas.map((area) => area.area)).toEqual(['WF', 'IO', 'ZZ']);
  });

  it('is sound when every MUST and SHOULD of a complete area, and every row of IO, has a test', () => {
    expect(isSound(coverageOf(rows, [test(complete)]))).toBe(true);
  });

  it.each(complete)('is not sound without %s', (id) => {
    const coverage = coverageOf(rows, [test(complete.filter((other) => other !== id))]);
    expect(coverage.missingInCompleteAreas.map((row) => row.id)).toEqual([id]);
    expect(isSound(coverage)).toBe(false);
  });

  it('is not sound with an unknown ID, and reports its place', () => {
    const coverage = coverageOf(rows, [test(complete), test(['WF-99'])]);
    expect(coverage.unknown).toEqual([{ id: 'WF-99', file: 'packages/x/test/x.test.ts', line: 7 }]);
    expect(isSound(coverage)).toBe(false);
  });

  it('does not count a skipped test, and is not sound with one', () => {
    const coverage = coverageOf(rows, [test(complete), test(['ZZ-01'], true)]);
    expect(coverage.missing.map((row) => row.id)).toEqual(['ZZ-01']);
    expect(coverage.skipped.map((tag) => tag.id)).toEqual(['ZZ-01']);
    expect(isSound(coverage)).toBe(false);
  });
});

describe('a row with clauses', () => {
  const clauses = readChecklist('| WF-01 | - | MUST | **a)** Order. **b)** Length. | - |');

  it('is covered when all of them are, each by name', () => {
    expect(isSound(coverageOf(clauses, [test(['WF-01a']), test(['WF-01b'])]))).toBe(true);
    const half = coverageOf(clauses, [test(['WF-01a'])]);
    expect(half.areas[0]!.rows).toEqual({ covered: 0, total: 1 });
    expect(half.missingClauses).toEqual(['WF-01b']);
    expect(isSound(half)).toBe(false);
  });

  it('is not proved by a test that names the row alone', () => {
    const whole = coverageOf(clauses, [test(['WF-01']), test(['WF-01a']), test(['WF-01b'])]);
    expect(whole.unspecific.map(({ id }) => id)).toEqual(['WF-01']);
    expect(isSound(whole)).toBe(false);
  });
});

describe('coverage by tests that ran', () => {
  it('counts tests that passed, whatever the titles say', () => {
    const proved = new Set(['WF-01', 'IO-01']);
    const coverage = coverageOf(rows, [test(complete)], [], proved);
    expect(coverage.missing.map((row) => row.id)).toEqual(['WF-02', 'ZZ-01']);
    expect(isSound(coverage)).toBe(false);
  });

  it('reads the tests that passed from the report of vitest, with the titles of suites', () => {
    const results = [
      { status: 'passed', fullName: '[WF-01] reading [WF-02a] is strict' },
      { status: 'failed', fullName: '[WF-03] writing' },
      { status: 'pending', fullName: '[WF-04] skipped' },
    ];
    const report = readTestReport(JSON.stringify({ testResults: [{ assertionResults: results }] }));
    expect(report).toEqual({ proved: ['WF-01', 'WF-02a'], passed: 1, failed: 1 });
  });

  it('reports a missing report, and one older than the tests', () => {
    const root = pathToFileURL(`${mkdtempSync(join(tmpdir(), 'navalis-reports-'))}/`);
    onTestFinished(() => rmSync(root, { recursive: true }));
    for (const folder of ['a/test', 'b/test', 'b/node_modules/.cache'])
      mkdirSync(new URL(folder, root), { recursive: true });
    writeFileSync(new URL('b/test/b.test.ts', root), '');
    const report = new URL('b/node_modules/.cache/test-report.json', root);
    writeFileSync(report, '{"testResults":[]}');
    const outdated = () => testReports(root, ['a', 'b']).get('b')?.outdated;
    expect(testReports(root, ['a', 'b']).get('a')).toBeUndefined();
    utimesSync(report, 2_000_000_000, 2_000_000_000);
    expect(outdated()).toBe(false);
    utimesSync(report, 1, 1);
    expect(outdated()).toBe(true);
  });
});

describe('the report', () => {
  it('has a line for each area and one for all', () => {
    const lines = formatCoverage(coverageOf(rows, [test(complete)])).split('\n');
    expect(lines.map((line) => line.trim().split(/\s+/))).toEqual([
      ['area', 'rows', 'covered', 'MUST', 'SHOULD', 'other'],
      ['WF', '3', '2', '1/1', '1/1', '0/1', 'complete'],
      ['IO', '1', '1', '-', '-', '1/1', 'complete'],
      ['ZZ', '2', '0', '0/1', '-', '0/1'],
      ['all', '6', '3', '1/2', '1/1', '1/3'],
      [''],
      ['MAY', 'rows', 'and', 'design', 'rows', 'without', 'a', 'test:'],
      ['WF', 'WF-03'],
      ['ZZ', 'ZZ-02'],
    ]);
  });

  it('names the errors', () => {
    const text = formatCoverage(coverageOf(rows, [test(['WF-01', 'IO-01', 'WF-98']), test(['WF-03'], true)]));
    expect(text).toContain('WF-02    SHOULD     Style.');
    expect(text).toContain('WF-98    packages/x/test/x.test.ts:7');
    expect(text).toMatch(/never run:\n {2}WF-03 {4}packages/);
  });

  it('lists missing rows of the areas asked for, or of all', () => {
    const coverage = coverageOf(rows, [test(['WF-01'])]);
    const ids = (areas: string[]) => formatMissing(coverage, areas).match(/^[A-Z]+-\d+/gm);
    expect(ids([])).toEqual(['WF-02', 'IO-01', 'ZZ-01']);
    expect(ids(['IO', 'ZZ'])).toEqual(['IO-01', 'ZZ-01']);
    expect(formatMissing(coverageOf(rows, [test(complete)]), ['WF'])).toBe('No uncovered row.');
  });
});
