import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readText, sourcesUnder, workspacePackages } from './workspace.ts';

const packages = workspacePackages();
const sources = packages.flatMap(({ folder }) => sourcesUnder(`${folder}/src`));

describe('the structure of the sources', () => {
  it('has at most 14 files in a folder', () => {
    const sizes = new Map<string, number>();
    for (const file of sources) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
    const tooLarge = [...sizes].filter(([, size]) => size > 14);
    expect(tooLarge).toEqual([]);
    expect(sizes.size).toBeGreaterThan(packages.length);
  });

  it('has at most 400 lines in a file', () => {
    const tooLong = sources
      .map((file) => [file, readText(file).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > 400);
    expect(tooLong).toEqual([]);
  });

  it('passes addresses as values, not as words that a class hides', () => {
    expect(sources.filter((file) => readText(file).includes('#word0'))).toEqual([]);
  });
});

describe('the linter rules for core packages', () => {
  const { overrides } = JSON.parse(readText('biome.json')) as {
    overrides: { includes: string[]; plugins?: string[] }[];
  };
  const fence = overrides.find(({ plugins }) => plugins?.includes('./.ci/no-random.grit'))!.includes;
  const isFenced = (folder: string): boolean =>
    fence.some((glob) => new RegExp(`^${glob.replace('/**', '').replace('*', '[^/]*')}$`).test(`${folder}/src`));

  it('cover each of them, and no other', () => {
    const core = packages.filter(({ tag }) => tag === 'core').map(({ folder }) => folder);
    expect(core.length).toBeGreaterThan(5);
    expect(packages.map(({ folder }) => folder).filter(isFenced)).toEqual(core);
  });
});

describe('the table of packages in docs/architecture.md', () => {
  const page = readText('docs/architecture.md');
  const rows = [...page.matchAll(/^\| ((?:`[a-z0-9/*-]+`(?:, )?)+) \| (core|io|app|test) \| ([^|]+) \|/gm)];
  const table = rows.flatMap(([, names = '', tag = '', uses = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => ({
      name,
      tag,
      uses: [...uses.matchAll(/`([^`]+)`/g)].map(([, used = '']) => used),
    })),
  );

  it('names each package once with its tag', () => {
    const written = table.filter(({ name }) => name !== 'apps/*').map(({ name, tag }) => `${name} ${tag}`);
    expect(written.toSorted()).toEqual(packages.map(({ name, tag }) => `${name} ${tag}`).toSorted());
  });

  it('lists the run-time dependencies of each package', () => {
    for (const { name, uses } of packages) {
      expect([name, table.find((each) => each.name === name)?.uses.toSorted()]).toEqual([name, uses.toSorted()]);
    }
  });
});
