import { describe, expect, it } from 'vitest';
import { readChecklist } from '../src/checklist.ts';
import { decisionTable, readProtocolDecisions, readRecords } from '../src/decisions.ts';
import { withBlock } from '../src/generated-block.ts';
import { formatTests } from '../src/report.ts';
import { testTable } from '../src/test-table.ts';

const rows = readChecklist(`
| WF-01 | - | MUST | Grammar. | - |
| WF-02 | - | MUST | **a)** Order. **b)** Length. | - |
| WF-03 | - | MAY | Extra. | - |
`);

const test = (file: string, ids: readonly string[], skipped = false) => ({
  file,
  line: 7,
  title: 'is read',
  ids,
  skipped,
});

describe('the table of test files', () => {
  it('links each row and clause to the files whose tests name it, once each', () => {
    const tests = [
      test('packages/wire/test/grammar.test.ts', ['WF-01', 'WF-02a']),
      test('packages/lab/test/pairs.e2e.test.ts', ['WF-01']),
      test('packages/wire/test/grammar.test.ts', ['WF-01']),
      test('packages/wire/test/skipped.test.ts', ['WF-03'], true),
    ];
    expect(testTable(rows, tests, 'docs/conformance')).toEqual([
      '| Row | Test files |',
      '|---|---|',
      '| [WF-01](#wf-01) | [lab: pairs.e2e], [wire: grammar] |',
      '| [WF-02a](#wf-02) | [wire: grammar] |',
      '',
      'Without a test: WF-03.',
      '',
      '[lab: pairs.e2e]: ../../packages/lab/test/pairs.e2e.test.ts',
      '[wire: grammar]: ../../packages/wire/test/grammar.test.ts',
    ]);
  });

  it('names the path of files that share a name', () => {
    const tests = [
      test('packages/x/test/a/life.test.ts', ['WF-01']),
      test('packages/x/test/b/life.test.ts', ['WF-01']),
    ];
    expect(testTable(rows, tests, 'docs')).toContain('| [WF-01](#wf-01) | [x: a/life], [x: b/life] |');
  });

  it('lists only rows where no test names one', () => {
    expect(testTable(rows, [], 'docs')).toEqual(['Without a test: WF-01, WF-02, WF-03.', '']);
  });
});

it('the tests of a row are listed with place and title', () => {
  const text = formatTests(rows, [test('a.test.ts', ['WF-02b', 'WF-01']), test('b.test.ts', ['WF-01'], true)]);
  expect(text).toBe('WF-01    a.test.ts:7  is read\nWF-02b   a.test.ts:7  is read');
  expect(formatTests(rows, [])).toBe('No test.');
});

describe('a generated block', () => {
  const page = '# Page\n\n<!-- tests -->\nold\n<!-- /tests -->\n';

  it('replaces the lines between its markers', () => {
    const once = withBlock(page, 'tests', ['new', 'lines']);
    expect(once).toBe('# Page\n\n<!-- tests -->\nnew\nlines\n<!-- /tests -->\n');
    expect(withBlock(once, 'tests', ['new', 'lines'])).toBe(once);
  });

  it('is refused without its markers', () => {
    expect(() => withBlock('# Page\n', 'tests', [])).toThrow('<!-- tests -->');
  });
});

describe('decisions', () => {
  it('are read from records, and tell by which record they are replaced', () => {
    const records = readRecords([
      { path: 'docs/decisions/0005-wait.md', text: '# 5. Wait\n\nReplaced by [10](0010-go.md).\n' },
      { path: 'docs/decisions/README.md', text: '# Decisions\n' },
    ]);
    expect(decisionTable(records, 'docs/decisions')).toEqual([
      '| Number | Decision |',
      '|---|---|',
      '| [0005](0005-wait.md) | Wait (replaced by 10) |',
    ]);
  });

  const heading = (id: string, title: string) => `### <a id="${id.toLowerCase()}"></a>${id}: ${title}\n\nText.\n`;

  it('about the protocol are read from the pages of the checklist, in the order of their numbers', () => {
    const decisions = readProtocolDecisions([
      { path: 'docs/conformance/a.md', text: heading('DD-10', 'Round down') },
      { path: 'docs/conformance/b.md', text: heading('DD-02', 'Send three') },
    ]);
    expect(decisionTable(decisions, 'docs/decisions').slice(2)).toEqual([
      '| [DD-02](../conformance/b.md#dd-02) | Send three |',
      '| [DD-10](../conformance/a.md#dd-10) | Round down |',
    ]);
  });

  it('of one number are refused', () => {
    const text = heading('DD-38', 'Loops') + heading('DD-39', 'Limits') + heading('DD-38', 'Silence');
    expect(() => readProtocolDecisions([{ path: 'a.md', text }])).toThrow(
      'DD-38 occurs twice among the design decisions.',
    );
  });
});
