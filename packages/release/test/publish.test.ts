import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFile } from '../src/files.ts';
import { billOfMaterials } from '../src/publish/bill-of-materials.ts';
import { writeChecksums } from '../src/publish/checksums.ts';
import { publishTo } from '../src/publish/npm.ts';
import { requireRegistry } from '../src/publish/registry.ts';
import { appManifest, repositoryPath } from '../src/repository.ts';
import { run } from '../src/run.ts';

const { version } = appManifest('client');
const folder = mkdtempSync(join(tmpdir(), 'navalis-publish-'));

afterAll(() => rmSync(folder, { recursive: true }));

describe('the checksums', () => {
  it('are those of all files, also in folders, and sha256sum notices a change', () => {
    writeFile(join(folder, 'one'), '1');
    writeFile(join(folder, 'npm/two'), '2');
    writeChecksums(folder);
    writeChecksums(folder);
    expect(readFileSync(join(folder, 'SHA256SUMS'), 'utf8')).toBe(
      `${createHash('sha256').update('2').digest('hex')}  npm/two\n${createHash('sha256').update('1').digest('hex')}  one\n`,
    );
    run('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder });
    writeFile(join(folder, 'one'), 'I');
    expect(() => run('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder })).toThrow(/one: FAILED/);
  });
});

describe('a publication', () => {
  const place = join(folder, 'publication');
  const tarballs = join(place, 'tarballs');
  const token = 'npm_0123456789abcdef0123456789abcdef';
  const options = { token, isDryRun: false };
  let server: ChildProcess;
  let registry: string;

  /** Packs a package as npm does. */
  function pack(name: string, dependencies: Readonly<Record<string, string>>, description = ''): void {
    const manifest = { name, version: '1.0.0-rc.1', description, dependencies };
    writeFile(join(place, name, 'package/package.json'), JSON.stringify(manifest));
    run('tar', ['-czf', join(tarballs, `${name}-1.0.0-rc.1.tgz`), '-C', join(place, name), 'package']);
  }

  const journal = (): string[] => readFileSync(join(place, 'journal'), 'utf8').trimEnd().split('\n');

  beforeAll(async () => {
    writeFile(join(tarballs, 'none'), '');
    rmSync(join(tarballs, 'none'));
    pack('a-program', { 'm-library': '1.0.0-rc.1' });
    pack('m-library', { 'z-library': '1.0.0-rc.1' });
    pack('z-library', {});
    const script = fileURLToPath(new URL('registry.mjs', import.meta.url));
    server = spawn(process.execPath, [script, join(place, 'journal'), join(place, 'refused')]);
    const port = await new Promise((resolve) => server.stdout!.once('data', resolve));
    registry = `http://127.0.0.1:${String(port).trim()}/`;
  });

  afterAll(() => void server.kill());

  it('begins only when the registry answers', () => {
    requireRegistry(registry, options);
    expect(() => requireRegistry('http://127.0.0.1:1/', options)).toThrow(
      'The registry http://127.0.0.1:1/ does not answer; --registry names another one.',
    );
  }, 120_000);

  it('goes by dependencies, and goes on after it broke off', () => {
    writeFile(join(place, 'refused'), 'm-library\n');
    expect(() => publishTo(registry, tarballs, options)).toThrow(/E403/);
    writeFile(join(place, 'refused'), '');
    expect(publishTo(registry, tarballs, options)).toEqual({
      published: ['m-library-1.0.0-rc.1.tgz', 'a-program-1.0.0-rc.1.tgz'],
      present: ['z-library-1.0.0-rc.1.tgz'],
    });
    expect(journal()).toEqual(['z-library', 'm-library', 'a-program'].map((name) => `${name} Bearer ${token}`));
    // Nine starts of npm, on a machine that runs other suites.
  }, 240_000);

  it('refuses another tarball for a version that the registry has', () => {
    pack('z-library', {}, 'changed');
    expect(() => publishTo(registry, tarballs, options)).toThrow(
      /The registry has z-library@1\.0\.0-rc\.1 with other content/,
    );
  });

  it('writes its token nowhere', () => {
    const cache = repositoryPath('node_modules/.cache/release/npm');
    expect(run('sh', ['-c', `grep -rlF ${token} ${cache} || true`])).toBe('');
    expect(readFileSync(join(cache, 'npmrc'), 'utf8')).toMatch(/:_authToken=\$\{NPM_TOKEN\}\n$/);
  });
});

describe('the bill of materials', () => {
  const date = new Date('2026-11-26T00:00:00Z');
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
  const text = billOfMaterials(date, [architecture]);
  const { bomFormat, specVersion, components } = JSON.parse(text) as {
    bomFormat: string;
    specVersion: string;
    components: { name: string; version: string; purl: string; licenses?: object[] }[];
  };
  const find = (name: string) => components.find((each) => each.name === name);

  it('is CycloneDX, and the same for the same sources', () => {
    expect([bomFormat, specVersion]).toEqual(['CycloneDX', '1.6']);
    expect(billOfMaterials(date, [architecture])).toBe(text);
  });

  it('names programs, modules, native parts and Node', () => {
    expect(find('teredo-client')).toMatchObject({ version, purl: `pkg:npm/teredo-client@${version}` });
    expect(find('koffi')).toMatchObject({ licenses: [{ expression: 'MIT' }] });
    expect(find(`@koromix/koffi-linux-${process.arch}`)?.purl).toMatch(/^pkg:npm\/%40koromix\/koffi-linux-/);
    expect(find('node')).toMatchObject({ type: 'platform', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
    expect(find('typescript')).toBeUndefined();
  });
});
