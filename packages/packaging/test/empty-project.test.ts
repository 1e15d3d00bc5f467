import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../src/published-packages.ts';
import { PackedPackages } from './pack.ts';
import { checkStatedValues, readSnippets } from './snippets.ts';

const root = fileURLToPath(repositoryRoot);
const project = mkdtempSync(join(tmpdir(), 'navalis-empty-project-'));
const readme = (name: string): string => readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');

/** Runs a program in the project and returns its output. */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** Packs the one dependency of @navalis/wire from where it is installed, so that no registry is needed. */
function packHashes(): string {
  const manifest = createRequire(join(root, 'packages/wire/package.json')).resolve('@noble/hashes/sha2.js');
  return join(project, run('npm', 'pack', '--silent', '--ignore-scripts', dirname(manifest)).trim());
}

const packed = new PackedPackages();

beforeAll(() => {
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const tarballs = [packHashes(), packed.path('@navalis/address'), packed.path('@navalis/wire')];
  run('npm', 'install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs);
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2023',
        lib: ['ES2023'],
        module: 'NodeNext',
        strict: true,
        noUncheckedIndexedAccess: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        types: [],
        rootDir: 'src',
        outDir: 'out',
      },
      include: ['src'],
    }),
  );
  mkdirSync(join(project, 'src'));
  // Several runs of npm, each slow on a machine that runs several suites at once.
}, 240_000);

afterAll(() => {
  packed.remove();
  rmSync(project, { recursive: true });
});

describe('an empty TypeScript project that installs @navalis/address and @navalis/wire', () => {
  it('type-checks and runs the snippets of their READMEs, which have the stated values', () => {
    const snippets = ['address', 'wire'].flatMap((name) => readSnippets(readme(name)));
    expect(snippets.length).toBe(3);
    for (const [index, snippet] of snippets.entries()) {
      const { source, checks } = checkStatedValues(snippet);
      expect(checks).toBeGreaterThan(1);
      writeFileSync(join(project, `src/snippet-${index}.ts`), source);
    }
    run(join(root, 'node_modules/.bin/tsc'), '-p', '.');
    for (const index of snippets.keys()) run(process.execPath, `out/snippet-${index}.js`);
  });

  it('reports a wrong type', () => {
    writeFileSync(
      join(project, 'src/wrong.ts'),
      `import { formatIpv4 } from '@navalis/address';\nformatIpv4('192.0.2.1');\n`,
    );
    expect(() => run(join(root, 'node_modules/.bin/tsc'), '-p', '.', '--noEmit')).toThrow(/wrong\.ts.*TS2345/);
    rmSync(join(project, 'src/wrong.ts'));
  });
});

describe('the check of stated values', () => {
  it('fails for another value', () => {
    const { source, checks } = checkStatedValues(`1 + 1; // 3, or so\nconst x = 1; // 2\n`);
    expect(checks).toBe(1);
    expect(source).toContain('check(1 + 1, 3);\nconst x = 1; // 2\n');
  });
});
