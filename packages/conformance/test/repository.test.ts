import { readFileSync } from 'node:fs';
import { dropReasonNames, dropReasons } from '@navalis/engine';
import { describe, expect, it } from 'vitest';
import { repositoryChecklist, repositoryTaggedTests } from '../src/repository.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const readme = read('README.md').replace(/\s+/g, ' ');

describe('this repository', () => {
  it('has a checklist whose rows all can be read', () => {
    const firstCells = read('docs/conformance.md').match(/^\| *(?!DD-)[A-Z][A-Z0-9]*(-[A-Z]+)?-\d+/gm);
    expect(repositoryChecklist()).toHaveLength(firstCells!.length);
  });

  it('has tagged tests, also in files from which a test takes its suites', () => {
    const files = new Set(repositoryTaggedTests().map((test) => test.file));
    expect(files).toContain('packages/conformance/test/repository.test.ts');
    expect(files).toContain('packages/netio/test/real/udp-on-the-wire.ts');
  });

  it('has a row for every reason to drop something', () => {
    const ids = new Set(repositoryChecklist().map((row) => row.id));
    expect(dropReasonNames.filter((name) => !ids.has(dropReasons[name]))).toEqual([]);
  });
});

describe('the page on security', () => {
  const page = read('docs/security.md');
  const [defended = '', open = ''] = page.split('\n## What is not defended\n');
  const tested = new Set(repositoryTaggedTests().flatMap((test) => test.ids.map((id) => id.replace(/[a-z]$/, ''))));
  const known = new Set(repositoryChecklist().map((row) => row.id));

  it('claims a defence only where a test carries the row', () => {
    const claimed = idsOf(defended);
    expect(claimed.length).toBeGreaterThan(50);
    expect(claimed.filter((id) => !tested.has(id))).toEqual([]);
  });

  it('leaves open only rows that no test carries', () => {
    const left = idsOf(open.split('\n## ')[0]!);
    expect(left.length).toBeGreaterThan(0);
    expect(left.filter((id) => tested.has(id) || !known.has(id))).toEqual([]);
  });
});

describe('the README', () => {
  it('[CL-S-18] says that outer headers are not covered, so that who is on the path can act as a NAT', () => {
    expect(readme).toMatch(/outer IPv4 and UDP headers are not covered .* can act as a NAT/);
  });

  it('[SEC-39] recommends end-to-end protection, which encrypts', () => {
    expect(readme).toMatch(/Nothing is encrypted .* Use end-to-end protection/);
  });
});

function idsOf(markdown: string): string[] {
  return markdown.match(/\b(?:[A-Z]{2}-[A-Z]|SEC|WF)-\d{2}\b/g) ?? [];
}
