import { readdirSync, readFileSync } from 'node:fs';
import { dropReasons } from '@navalis/engine';
import { deviceDropReasons } from '@navalis/netio';
import { describe, expect, it } from 'vitest';
import { checklistPages, repositoryChecklist, repositoryTaggedTests } from '../src/repository.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const readme = read('README.md').replace(/\s+/g, ' ');

describe('this repository', () => {
  it('has a checklist in which every row can be read', () => {
    const text = checklistPages()
      .map((page) => page.text)
      .join('\n');
    const firstCells = text.match(/^\| *(<a id="[^"]*"><\/a>)?(?!DD-)[A-Z][A-Z0-9]*(-[A-Z]+)?-\d+/gm);
    expect(repositoryChecklist()).toHaveLength(firstCells!.length);
    expect(firstCells!.length).toBeGreaterThan(600);
  });

  it('has a checklist whose index links to every page', () => {
    const pages = readdirSync(new URL('../../../docs/conformance', import.meta.url)).filter(
      (name) => name !== 'README.md',
    );
    expect(
      checklistPages()
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(pages.map((name) => `docs/conformance/${name}`).toSorted());
  });

  it('has an anchor for each row of the checklist', () => {
    const anchored = checklistPages().flatMap((page) => [
      ...page.text.matchAll(/^\| <a id="([a-z0-9-]+)"><\/a>(\S+) \|/gm),
    ]);
    expect(anchored.map(([, , id]) => id)).toEqual(repositoryChecklist().map(({ id }) => id));
    expect(anchored.filter(([, anchor, id]) => anchor !== id!.toLowerCase())).toEqual([]);
  });

  it('names each area of the checklist in its index', () => {
    const index = read('docs/conformance/README.md');
    const named = [...index.matchAll(/^\| ([A-Z0-9, -]+) \|/gm)].flatMap(([, areas = '']) => areas.split(', '));
    expect([...new Set(repositoryChecklist().map(({ area }) => area))]).toEqual(named.filter((name) => name !== 'ID'));
  });

  it('has decision records whose file names are their titles', () => {
    const records = readdirSync(new URL('../../../docs/decisions', import.meta.url)).filter((name) => /^\d/.test(name));
    const expected = records.map((name) => {
      const [, number = '', title = ''] = /^# (\d+)\. (.*)$/m.exec(read(`docs/decisions/${name}`)) ?? [];
      const words = title.toLowerCase().replace(/[^a-z0-9 -]/g, '');
      return `${number.padStart(4, '0')}-${words.replaceAll(' ', '-')}.md`;
    });
    expect(records).toEqual(expected);
  });

  it('has tagged tests, also in files from which a test imports its suites', () => {
    const files = new Set(repositoryTaggedTests().map((test) => test.file));
    expect(files).toContain('packages/conformance/test/repository.test.ts');
    expect(files).toContain('packages/netio/test/real/udp-on-the-wire.ts');
  });

  it('has a row for every reason to drop something', () => {
    const ids = new Set(repositoryChecklist().map((row) => row.id));
    const reasons = Object.entries({ ...dropReasons, ...deviceDropReasons });
    expect(reasons.filter(([, id]) => !ids.has(id))).toEqual([]);
  });
});

describe('the page on security', () => {
  const page = read('docs/security.md');
  const [defended = '', open = ''] = page.split('\n## Remaining risks\n');
  const tested = new Set(repositoryTaggedTests().flatMap((test) => test.ids.map((id) => id.replace(/[a-z]$/, ''))));
  const known = new Set(repositoryChecklist().map((row) => row.id));

  it('claims a defence only where a test names the row', () => {
    const claimed = idsOf(defended);
    expect(claimed.length).toBeGreaterThan(50);
    expect(claimed.filter((id) => !tested.has(id))).toEqual([]);
  });

  it('leaves open only rows that no test names', () => {
    const left = idsOf(open.split('\n## ')[0]!);
    expect(left.length).toBeGreaterThan(0);
    expect(left.filter((id) => tested.has(id) || !known.has(id))).toEqual([]);
  });
});

describe('the README', () => {
  it('[CL-S-18] says that outer headers are not covered, so that an on-path attacker can act as a NAT', () => {
    expect(readme).toMatch(/outer IPv4 and UDP headers are not covered .* can act as a NAT/);
  });

  it('[SEC-39] recommends end-to-end protection, which encrypts', () => {
    expect(readme).toMatch(/Nothing is encrypted .* Use end-to-end protection/);
  });
});

function idsOf(markdown: string): string[] {
  return markdown.match(/\b(?:[A-Z]{2}-[A-Z]|SEC|WF)-\d{2}\b/g) ?? [];
}
