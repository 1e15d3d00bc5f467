import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeFile } from '../src/files.ts';
import { billOfMaterials } from '../src/publish/bill-of-materials.ts';
import { writeChecksums } from '../src/publish/checksums.ts';
import { appManifest } from '../src/repository.ts';
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
