import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readText, root } from './workspace.ts';

/** Pages that are written by hand, from the top of the repository. */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...['docs', 'docs/conformance', 'docs/decisions', 'docs/operate'].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

describe('pages', () => {
  it.each(pages)('%s links to files that are there', (page) => {
    const targets = linksOf(page).map(([path]) => path);
    expect(targets.filter((target) => !existsSync(new URL(target, root)))).toEqual([]);
  });

  it.each(pages)('%s links to headings and anchors that are there', (page) => {
    const missing = linksOf(page).filter(([path, anchor]) => anchor !== '' && !anchorsOf(path).includes(anchor));
    expect(missing).toEqual([]);
  });

  it('CONTRIBUTING.md names files that are there', () => {
    const named = [...readText('CONTRIBUTING.md').matchAll(/`((?:packages|docs|\.ci)\/[A-Za-z0-9._/-]+)`/g)];
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(new URL(path, root)));
    expect(missing).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });

  it('CONTRIBUTING.md and README.md name commands that are there', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const commands = ['README.md', 'CONTRIBUTING.md'].flatMap((page) =>
      [...readText(page).matchAll(/npm run ([a-z:-]+[a-z])/g)].map(([, command = '']) => command),
    );
    expect(commands.filter((command) => scripts[command] === undefined)).toEqual([]);
  });
});

/** Returns path (from the top of the repository) and anchor of each link to a file or within the page. */
function linksOf(page: string): (readonly [path: string, anchor: string])[] {
  const text = readText(page);
  const inline = text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g);
  const references = text.matchAll(/^\[[^\]]+\]: (?!https?:)([^#\s]+)(?:#(\S*))?$/gm);
  return [...inline, ...references].map(([, target = '', anchor = '']) => [
    target === '' ? page : posix.join(posix.dirname(page), target),
    anchor,
  ]);
}

/** Returns the anchors of a page as GitHub makes them: of headings and of elements with an `id`. */
function anchorsOf(page: string): readonly string[] {
  const text = readText(page);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/<[^>]+>/g, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}
