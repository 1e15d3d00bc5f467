import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publishedPackages, readManifest, repositoryRoot } from '../src/published-packages.ts';

const site = 'https://github.com/navalis/navalis';
const published = publishedPackages().map(({ folder, manifest }) => [manifest.name, folder, manifest] as const);
const isThere = (folder: string, path: string): boolean => existsSync(new URL(`${folder}/${path}`, repositoryRoot));

describe('the published packages', () => {
  it('are those for users, without the tools of this repository', () => {
    expect(published.map(([name]) => name).sort()).toEqual([
      '@navalis/address',
      '@navalis/client-core',
      '@navalis/config',
      '@navalis/decode',
      '@navalis/engine',
      '@navalis/life',
      '@navalis/nat',
      '@navalis/nat-probe',
      '@navalis/netio',
      '@navalis/page',
      '@navalis/port-mapping',
      '@navalis/qualification',
      '@navalis/relay-core',
      '@navalis/runtime',
      '@navalis/server-core',
      '@navalis/simnet',
      '@navalis/telemetry',
      '@navalis/traversal',
      '@navalis/turn',
      '@navalis/wire',
      'teredo-client',
      'teredo-host-relay',
      'teredo-relay',
      'teredo-server',
    ]);
  });

  it('name the repository that the workspace names', () => {
    expect(readManifest('.')).toMatchObject({ repository: { type: 'git', url: `git+${site}.git` } });
  });
});

describe.each(published)('the manifest of %s', (_, folder, manifest) => {
  it('has description, author, license and repository', () => {
    expect(manifest).toMatchObject({
      description: expect.stringMatching(/^[A-Z].{20,}[^.]$/),
      license: 'MIT',
      author: 'The Navalis authors',
      homepage: `${site}/tree/main/${folder}#readme`,
      repository: { type: 'git', url: `git+${site}.git`, directory: folder },
      bugs: `${site}/issues`,
      type: 'module',
      engines: { node: '>=20.19' },
    });
    expect(isThere(folder, 'README.md')).toBe(true);
  });

  it('has keywords for search', () => {
    const keywords = manifest.keywords ?? [];
    expect(keywords).toEqual(expect.arrayContaining(['teredo', 'navalis']));
    expect(keywords.length).toBeGreaterThan(3);
    expect(new Set(keywords).size).toBe(keywords.length);
    for (const keyword of keywords) expect(keyword).toMatch(/^[a-z0-9-]+$/);
  });

  it('is published publicly, with provenance', () => {
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  });

  it('names the files to publish', () => {
    expect(manifest.files).toEqual(folder.startsWith('apps/') ? ['dist', 'systemd', 'monitoring'] : ['dist', 'src']);
  });

  it('has entries with types, or is a program', () => {
    if (manifest.bin !== undefined) {
      expect(manifest.bin).toEqual({ [manifest.name]: './dist/main.js' });
      expect(manifest.sideEffects).toBe(true);
      expect(manifest.os).toEqual(['linux']);
      return;
    }
    expect(manifest.sideEffects).toBe(false);
    expect(Object.keys(manifest.exports!)[0]).toBe('.');
    for (const [entry, conditions] of Object.entries(manifest.exports!)) {
      const name = entry === '.' ? 'index' : entry.slice(2);
      expect(Object.entries(conditions)).toEqual([
        ['navalis-source', `./src/${name}.ts`],
        ['types', `./dist/${name}.d.ts`],
        ['default', `./dist/${name}.js`],
      ]);
      expect(isThere(folder, `src/${name}.ts`)).toBe(true);
    }
  });

  it('depends only on published packages', () => {
    const names: readonly string[] = published.map(([name]) => name);
    for (const [name, version] of Object.entries(manifest.dependencies ?? {})) {
      if (name.startsWith('@navalis/')) expect(names).toContain(name);
      expect(version).toBe(name.startsWith('@navalis/') ? 'workspace:*' : 'catalog:');
    }
  });
});
