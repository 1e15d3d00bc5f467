import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageEntries, renderApiReference } from '../src/api-reference.ts';

const out = mkdtempSync(join(tmpdir(), 'navalis-api-'));

afterAll(() => rmSync(out, { recursive: true }));

describe('the API reference', () => {
  it('has a page for each entry of each package, with its description and its main exports, and no dead link', async () => {
    expect(await renderApiReference(out)).toEqual([]);
    const entries = packageEntries();
    expect(entries.length).toBeGreaterThan(15);
    for (const { name, source } of entries) {
      const page = readFileSync(join(out, 'modules', `${name.replace(/[@/]/g, '_')}.html`), 'utf8');
      const comment = readFileSync(source, 'utf8').split('*/')[0]!;
      const links = [...comment.matchAll(/^ \* - \{@link (\w+)\}/gm)].map(([, link]) => link!);
      expect(links.length, name).toBeGreaterThan(1);
      for (const link of links) expect(page).toMatch(new RegExp(`<li><a href="[^"]*"[^>]*>${link}</a>`));
    }
    // A compiler reads all packages: half a minute on an idle machine.
  }, 300_000);
});
