import { describe, expect, it } from 'vitest';
import { isMust, isShould, readChecklist, tagsOf } from '../src/checklist.ts';

const header = '| ID | Ref | Level | Requirement | Test idea |\n|---|---|---|---|---|\n';

describe('the checklist', () => {
  it('gives ID, area, level without its sign and requirement of each row, in order', () => {
    const text = `# Title\n\n${header}| WF-01 | 4380 5.1.1 | MUST° | Grammar. | Table. |\n| CL-Q-09 | - | design | Wait. | - |\n`;
    expect(readChecklist(text)).toEqual([
      { id: 'WF-01', area: 'WF', level: 'MUST', requirement: 'Grammar.', clauses: [] },
      { id: 'CL-Q-09', area: 'CL-Q', level: 'design', requirement: 'Wait.', clauses: [] },
    ]);
  });

  it('skips headings, other tables and struck-out rows', () => {
    const text = `${header}| ~~WF-02~~ | - | MUST | Gone. | - |\n\n| DD | Issue | Recommendation |\n|---|---|---|\n| DD-01 | x | y |\n`;
    expect(readChecklist(text)).toEqual([]);
  });

  it('keeps an escaped bar inside its cell', () => {
    expect(readChecklist('| R5-01 | - | MAY | a \\| b | - |')[0]!.requirement).toBe('a \\| b');
  });

  it('reads the clauses of a row, which titles name one by one', () => {
    const row = readChecklist('| SV-A-19 | - | design | Answers: **a)** for each source, **b)** in total. | - |')[0]!;
    expect(row.clauses).toEqual(['a', 'b']);
    expect(tagsOf(row)).toEqual(['SV-A-19a', 'SV-A-19b']);
    expect(() => readChecklist('| SV-A-19 | - | design | **a)** x **c)** y | - |')).toThrow(
      'SV-A-19 has the clauses a, c',
    );
    expect(() => readChecklist('| SV-A-19 | - | design | **a)** x | - |')).toThrow('SV-A-19 has the clauses a');
  });

  it('refuses an unknown level and a repeated ID', () => {
    expect(() => readChecklist('| WF-01 | - | SHALL | x | y |')).toThrow('WF-01 has the level "SHALL"');
    expect(() => readChecklist('| WF-01 | - | MAY | x | y |\n| WF-01 | - | MAY | x | y |')).toThrow('twice');
  });

  it('leaves out the anchor of an ID and the targets of links', () => {
    const text = '| <a id="wf-18"></a>WF-18 | - | design | Hop limit 255 ([DD-25](#dd-25)). | [Vector](x.md#y). |';
    expect(readChecklist(text)).toEqual([
      { id: 'WF-18', area: 'WF', level: 'design', requirement: 'Hop limit 255 (DD-25).', clauses: [] },
    ]);
  });

  it.each([
    ['MUST', true, false],
    ['MUST NOT', true, false],
    ['MUST NOT°', true, false],
    ['SHOULD°', false, true],
    ['SHOULD NOT', false, true],
    ['MAY', false, false],
    ['design', false, false],
  ])('tells that %s is a MUST: %s, a SHOULD: %s', (level, must, should) => {
    const row = readChecklist(`| HR-07 | - | ${level} | x | y |`)[0]!;
    expect([isMust(row), isShould(row)]).toEqual([must, should]);
  });
});
