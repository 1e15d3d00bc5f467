import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { languageFindings } from '../src/language.ts';
import { readText, root } from './workspace.ts';

/** Files with prose that people read, but for those that quote the refused words. */
const files = execFileSync('git', ['ls-files', '*.ts', '*.mjs', '*.md', '*.service'], {
  cwd: fileURLToPath(root),
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.includes('conformance/src/language.ts') && !file.endsWith('language.test.ts'));

const instead = (source: string, file = 'a.ts') => languageFindings(file, source).map((finding) => finding.instead);

describe('the language of sources and pages', () => {
  it('has no invented words, and no doc comment that starts with a clause', () => {
    const findings = files.flatMap((file) => languageFindings(file, readText(file)));
    expect(findings.map(({ file, line, text, instead }) => `${file}:${line}: ${text} - write: ${instead}`)).toEqual([]);
    expect(files.length).toBeGreaterThan(500);
  });
});

describe('the check of language', () => {
  it.each([
    ['a comment', '// There is no hindrance.'],
    ['a title', "it('is refused when nobody wishes it', () => {});"],
    ['an identifier that is an invented word', 'this.#hindrances.clear();'],
    ['a call of a method', 'peers.noteReception(now);'],
  ])('finds invented words in %s', (_, source) => {
    expect(instead(source)).toHaveLength(1);
  });

  it.each([
    ['// The address stays from now on.'],
    ['// From the third transmission on, it asks others.'],
    ["it('ignores an answer of before', () => {});"],
    ["it('tells of a sleep', () => {});"],
    ['// The NAT passes nothing on.'],
    ['// Set it, and the buffer is full.'],
    ['// It is closed. What waited there is lost.'],
    ["terminal.step('What the programs counted');"],
  ])('finds the slip in %j', (source) => {
    expect(instead(source)).toHaveLength(1);
  });

  it.each([
    ['## What is defended', ['a noun as the subject']],
    ['**What happened, and what did you expect?**', []],
    ['| Where | What | Needs |', []],
    ['It depends on what is configured.', []],
  ])('judges the line of a page %j', (source, expected) => {
    expect(instead(source, 'a.md')).toEqual(expected);
  });

  it.each([
    ['a word within a word', '// A swishing sound.'],
    ['a name in code', 'const stranger = 1;'],
  ])('does not mistake %s for one', (_, source) => {
    expect(instead(source)).toEqual([]);
  });

  it.each([
    ['/** What was sent. */\nreadonly sent: number;', ['a noun']],
    ['/** What was sent. */\nsent(): number {', ['a verb: "Returns ..."']],
    [
      '/**\n * Whether it is open.\n */\nexport function isOpen(): boolean {',
      ['a verb: "Returns", "Returns true if", "Tells"'],
    ],
    ['/** Answers the sum. */\nget sum(): number {', ['a verb: "Returns", "Returns true if", "Tells"']],
    ['/** Of the last answer. */\nreadonly port: number;', ['a noun: "The ... of"']],
    ['/** Of a process. */\nprivileges(): Privileges {', ['a verb: "Returns the ... of"']],
    ['/** Whether it is open. */\nreadonly isOpen: boolean;', []],
    ['/** Returns what was sent. */\nsent(): number {', []],
  ])('judges the doc comment %j', (source, expected) => {
    expect(instead(source)).toEqual(expected);
  });

  it('names file and line', () => {
    expect(languageFindings('a.md', 'One.\nIt begins anew.')).toEqual([
      { file: 'a.md', line: 2, text: 'It begins anew.', instead: 'again' },
    ]);
  });
});
